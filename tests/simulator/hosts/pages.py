"""The web pages of the simulated shop: plain, and honest about what they are."""

from collections.abc import Iterable
from html import escape

from ..markets import Market

_STYLE = """
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f4f2ee;color:#22262b}
main{max-width:24rem;margin:6vh auto;padding:2rem;background:#fff;border-radius:12px;
box-shadow:0 2px 16px #0002}
.note{background:#fff4d6;border:1px solid #e5c66b;border-radius:8px;padding:.6rem .9rem;
font-size:.9rem}
.error{background:#fdeaea;border:1px solid #d98080;border-radius:8px;
padding:.2rem .9rem}
label{display:block;margin-top:1rem;font-weight:600}
input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;border:1px solid #999;
border-radius:8px}
button{margin-top:1.4rem;width:100%;padding:.7rem;font:inherit;font-weight:600;border:0;
border-radius:8px;background:#f3a847;cursor:pointer}
"""


def page(title: str, body: str) -> str:
    """Return a whole page that says it belongs to the simulated shop."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        '<p class="note">Simulated shop. This is not Amazon and not Audible: it only '
        f"exists on this machine.</p>{body}</main></body></html>"
    )


def sign_in_page(
    market: Market, hidden: Iterable[tuple[str, str]], *, email: str, error: str
) -> str:
    """Return the sign-in form; the hidden fields carry the client's parameters."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden
    )
    message = (
        '<div id="auth-error-message-box" class="error"><h4>There was a problem</h4>'
        f"<ul><li><span>{escape(error)}</span></li></ul></div>"
        if error
        else ""
    )
    return page(
        f"Sign in - simulated amazon.{market.domain}",
        f"<h1>Sign in</h1>{message}"
        f'<form name="signIn" method="post" action="/ap/signin">{fields}'
        '<label for="ap_email">Email</label>'
        f'<input id="ap_email" name="email" type="email" value="{escape(email)}"'
        ' autocomplete="username" required>'
        '<label for="ap_password">Password</label>'
        '<input id="ap_password" name="password" type="password"'
        ' autocomplete="current-password" required>'
        '<button id="signInSubmit" type="submit">Sign in</button></form>',
    )


def not_found_page() -> str:
    """Return what the browser shows at the landing address."""
    return page(
        "Page Not Found",
        "<h1>Looking for Something?</h1><p>We're sorry. The Web address you entered is "
        "not a functioning page on our site.</p>",
    )


def problem_page(reason: str) -> str:
    """Return what the browser shows when the sign-in address is not right."""
    return page(
        "Simulated shop",
        '<h1>Sorry</h1><div id="ap_error_page_message">We couldn\'t find that page. '
        f"</div><p>{escape(reason)}</p>",
    )
