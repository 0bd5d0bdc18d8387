"""Tests of the contracts that a deployment can choose, with transcripts of requests and responses.

For each contract there are two text files: the life of a task, and every class of error. A changed
text file is a change that clients notice. After an intended change, delete the files, run the tests
twice and review the diff.
"""
