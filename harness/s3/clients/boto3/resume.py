"""Finds the upload that another process left, sends the parts that are missing, and completes it: resume.py BUCKET KEY FILE"""
import sys

import boto3

bucket, key, path = sys.argv[1:]
part_bytes = 5 << 20
s3 = boto3.client("s3")

(upload,) = s3.list_multipart_uploads(Bucket=bucket, Prefix=key)["Uploads"]
named = {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
parts = {}
for page in s3.get_paginator("list_parts").paginate(**named, PaginationConfig={"PageSize": 1}):
    parts.update({part["PartNumber"]: part for part in page.get("Parts", [])})
print(len(parts), "parts were there")

with open(path, "rb") as file:
    number = 0
    while content := file.read(part_bytes):
        number += 1
        if number not in parts:
            parts[number] = s3.upload_part(**named, PartNumber=number, Body=content, ChecksumAlgorithm="CRC32")

told = [{"PartNumber": n, "ETag": parts[n]["ETag"], "ChecksumCRC32": parts[n]["ChecksumCRC32"]} for n in sorted(parts)]
s3.complete_multipart_upload(**named, MultipartUpload={"Parts": told})
s3.download_file(bucket, key, f"{path}.back")
