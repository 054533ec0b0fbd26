"""Sends a file in parts, slowly: slow_upload.py BUCKET KEY FILE"""
import sys

import boto3
from boto3.s3.transfer import TransferConfig

bucket, key, path = sys.argv[1:]
part = 5 << 20
config = TransferConfig(multipart_threshold=part, multipart_chunksize=part, max_concurrency=2, max_bandwidth=4 << 20)
boto3.client("s3").upload_file(path, bucket, key, Config=config)
