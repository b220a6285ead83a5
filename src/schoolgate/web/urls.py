"""Every address of the site."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from schoolgate.web import verifier
from schoolgate.web.family import account, child
from schoolgate.web.public import dictionary, home, log, register

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("healthz", home.healthz, name="healthz"),
    path("register/", register.index, name="register"),
    path("register/<int:index>/", register.one, name="register-entry"),
    path("register/<int:index>/proof", register.proof, name="register-proof"),
    path("register/agreement/<path:agreement_id>/", register.agreement, name="register-agreement"),
    path("check/", register.check, name="check"),
    path("check/verify_receipt.py", verifier.download, name="verifier"),
    path("log/<path:path>", log.file, name="log-file"),
    path("dictionary/", dictionary.search, name="dictionary"),
    path("dictionary/<path:item_id>/", dictionary.item, name="dictionary-item"),
    path("family/", account.start, name="family"),
    path("family/sign-in/", account.sign_in, name="sign-in"),
    path("family/sign-out/", account.sign_out, name="sign-out"),
    path("family/create-account/", account.create, name="create-account"),
    path("family/code/", child.enter_code, name="enter-code"),
    path("family/child/<int:link_id>/", child.page, name="child"),
    path("family/child/<int:link_id>/record/", child.record, name="child-record"),
    path("family/child/<int:link_id>/proof/<str:release_id>/", child.proof, name="child-proof"),
    path("family/child/<int:link_id>/object/<str:purpose_id>/", child.object_to, name="child-object"),
    path("family/child/<int:link_id>/withdraw/<str:purpose_id>/", child.withdraw, name="child-withdraw"),
]

handler400 = "schoolgate.web.faults.bad_request"
handler403 = "schoolgate.web.faults.forbidden"
handler404 = "schoolgate.web.faults.not_found"
handler500 = "schoolgate.web.faults.failed"
