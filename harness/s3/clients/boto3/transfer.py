"""Moves every file of a folder up and down again by boto3's transfer manager: transfer.py BUCKET SOURCE TARGET"""
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig

bucket, source, target = sys.argv[1:]
s3 = boto3.client("s3")
config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)

for folder, _, names in os.walk(source):
    for name in names:
        path = os.path.join(folder, name)
        s3.upload_file(path, bucket, os.path.relpath(path, source), Config=config)

for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 5}):
    for entry in page.get("Contents", []):
        path = os.path.join(target, entry["Key"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        s3.download_file(bucket, entry["Key"], path, Config=config)
        assert os.path.getsize(path) == entry["Size"], entry
