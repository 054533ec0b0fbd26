"""Sends a file with each checksum that boto3 computes, and with one that is wrong: checksums.py BUCKET FILE"""
import base64
import hashlib
import sys

import boto3
from botocore.exceptions import ClientError

bucket, path = sys.argv[1:]
s3 = boto3.client("s3")
with open(path, "rb") as file:
    content = file.read()

for algorithm in ["CRC32", "SHA1", "SHA256"]:
    put = s3.put_object(Bucket=bucket, Key=algorithm, Body=content, ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
    got = s3.get_object(Bucket=bucket, Key=algorithm, ChecksumMode="ENABLED")
    field = f"Checksum{algorithm}"
    assert put[field] == head[field] == got[field], (put, head, got)
    # Reading to the end makes botocore compare what came with the checksum that was told.
    assert got["Body"].read() == content
    if algorithm != "CRC32":
        assert put[field] == base64.b64encode(hashlib.new(algorithm, content).digest()).decode()

# A stream is signed piece by piece with its checksum behind it.
s3.upload_file(path, bucket, "in parts", ExtraArgs={"ChecksumAlgorithm": "SHA256"})
assert s3.head_object(Bucket=bucket, Key="in parts", ChecksumMode="ENABLED")["ChecksumSHA256"]

wrong = base64.b64encode(bytes(32)).decode()
try:
    s3.put_object(Bucket=bucket, Key="wrong", Body=content, ChecksumSHA256=wrong)
    raise SystemExit("a wrong checksum was accepted")
except ClientError as error:
    assert error.response["Error"]["Code"] == "BadDigest", error.response
assert "wrong" not in [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
