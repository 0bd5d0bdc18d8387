"""The scopes of tokens that were issued to a client (RFC 6749, section 3.3).

A view declares in `required_scopes` which scope each of its methods needs. A method without one is
closed to such tokens: accounts.authentication refuses them, whatever the view's permissions are.
"""

from collections.abc import Mapping

READ, WRITE, ACCOUNT = "tasks:read", "tasks:write", "account"
SCOPES = frozenset({READ, WRITE, ACCOUNT})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

Scopes = Mapping[str, str]
# By method: reading and writing tasks; everything of the user's account.
OF_TASKS: Scopes = {method: READ if method in ("GET", "HEAD") else WRITE for method in METHODS}
OF_ACCOUNT: Scopes = dict.fromkeys(METHODS, ACCOUNT)
