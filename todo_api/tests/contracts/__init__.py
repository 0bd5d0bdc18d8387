"""The life of a task and every class of error in each contract: what is asked, the whole answer.

Each text file beside this module is one contract as a caller sees it. A change there is a change
that frontends notice. After one that is meant: delete the files, run the tests twice, read the
diff.
"""
