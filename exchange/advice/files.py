"""Advice for what goes wrong with one file: its name, its content, its way to the server."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from magda_portal.web.advice import Advice

_RENAME = _("Give the file another name and send it again.")
_BY_ITSELF = _("The portal tries again by itself; you need not do anything.")

_NAMES: Final[Mapping[str, Advice]] = {
    "name.empty": Advice(_("The file has no name."), _RENAME),
    "name.surrogates": Advice(_("The name holds a character that can not be written."), _RENAME),
    "name.separator": Advice(
        _("The name holds a slash or backslash, which would point into another folder."), _RENAME
    ),
    "name.control_character": Advice(
        _("The name holds a character that can not be seen, such as a line break."), _RENAME
    ),
    "name.dots": Advice(_("The name begins with a dot, which hides the file."), _RENAME),
    "name.outer_space": Advice(
        _("The name begins or ends with a space, which nobody sees and MAGDA doesn't expect."),
        _RENAME,
    ),
    "name.temporary_suffix": Advice(
        _("The name ends in .tmp; MAGDA never picks up such a file."), _RENAME
    ),
    "name.too_long": Advice(_("The name is longer than 200 bytes."), _RENAME),
    "name.unsafe": Advice(
        _("The name can not be used on the server without changing its meaning."), _RENAME
    ),
    "name.held": Advice(
        _("A file with this name was delivered within the last two weeks."),
        _("Choose another name, or say why the file is sent again."),
    ),
    "name.in_progress": Advice(
        _("A file with this name is on its way already."),
        _("Wait for its outcome, or cancel it first, on the transfers page."),
    ),
    "name.uncertain": Advice(
        _("A file with this name was sent, and nobody knows yet whether it arrived."),
        _("Find out at MAGDA and decide it on the page of that transfer first."),
    ),
    "name.taken": Advice(
        _("Another file stands under this name in MAGDA's folder, and this portal did not put it."),
        _("Find out who did; then send yours under another name."),
    ),
    "name.still_standing": Advice(
        _("A file of this name still stands in MAGDA's folder: MAGDA has not picked it up yet."),
        _("Wait: the portal sends this one once that one is picked up, and never replaces it."),
    ),
}

_UPLOADS: Final[Mapping[str, Advice]] = {
    "upload.empty": Advice(
        _("The file is empty."), _("Check how it was made, and choose a file with content.")
    ),
    "upload.too_large": Advice(
        _("The file is larger than this portal accepts."),
        _("Split the request into several files; MAGDA answers each of them."),
    ),
    "upload.incomplete": Advice(
        _("The upload was cut short; nothing of it was kept."),
        _("Choose the file again and send it once more."),
    ),
    "upload.too_large_together": Advice(
        _("What you chose is larger than this portal accepts at once."),
        _("Choose fewer files at a time, and split a file that is too large by itself."),
    ),
    "upload.too_many": Advice(
        _("These are more files than the portal takes at once: it takes 50."),
        _("Send the files that are here first, and then the others."),
    ),
    "upload.too_many_begun": Advice(
        _("Too many of your files were uploaded in part, and not to their end."),
        _("Go on with these files, or remove their parts, on the page for sending a request."),
    ),
    "upload.none": Advice(_("No file was chosen."), _("Choose the files that you want to send.")),
    "upload.gone": Advice(
        _("The file is no longer here: it was removed, or waited for more than a day."),
        _("Choose it again if it still has to be sent."),
    ),
    "upload.offset": Advice(
        _("Another page uploads the same file, or a part of it came twice."),
        _("Upload it from one page only, and try again."),
    ),
    "upload.busy": Advice(
        _("The portal is still working on this file."), _("Try again in a minute.")
    ),
    "upload.overrun": Advice(
        _("More of the file came than was announced: it was changed meanwhile."),
        _("Choose it again; it is then uploaded from its beginning."),
    ),
    "upload.page_too_old": Advice(
        _("The page was too old, so the files were not received and nothing was sent."),
        _("Choose the files again on this page; the account that you chose is still filled in."),
    ),
    "review.page_too_old": Advice(
        _("The page was too old, so nothing was sent; the files and what you typed are here."),
        _("Look through it once more, and send it from this page."),
    ),
    "review.name_twice": Advice(
        _("Two of these files have the same name."),
        _("Give one of them another name, or remove it."),
    ),
    "review.names_changed": Advice(
        _("A name has changed since this page was shown, so nothing was sent."),
        _("Check the names that stand here now, and confirm them."),
    ),
    "review.files_changed": Advice(
        _("Files were added since this page was shown, so nothing was sent."),
        _("Look through all of them, and send them from this page."),
    ),
    "review.found_more": Advice(
        _("The check found something that this page did not show before."),
        _("Read it, and say why the file may be sent all the same."),
    ),
    "storage.full": Advice(
        _("The portal could not keep the file: its storage is full or can not be written."),
        _("Try again later and tell the helpdesk; nothing of it was kept."),
    ),
    "storage.reserved": Advice(
        _("The portal's storage is nearly full, and takes no file of this size."),
        _("Tell the helpdesk; send it again when there is room. Nothing of it was kept."),
    ),
    "xml.not_well_formed": Advice(
        _("The file is not XML, or its XML is broken; this account accepts nothing else."),
        _("Have the program that made it repair it, and send the new file."),
    ),
    "xml.doctype": Advice(
        _("The XML holds a DOCTYPE, which is refused for safety."),
        _("Have the program that made it leave the DOCTYPE out, and send the new file."),
    ),
    "xml.unreadable_encoding": Advice(
        _("The file's text encoding can not be read."),
        _("Save it as UTF-8 and send it again."),
    ),
    "xml.too_complex": Advice(
        _("The XML is nested or spread out beyond what any MAGDA message needs."),
        _("Check how it was made, and send a file that follows MAGDA's description."),
    ),
}

_WAY: Final[Mapping[str, Advice]] = {
    "command.refused": Advice(
        _("MAGDA's server refused what the portal asked."),
        _("Read the server's reply below; MAGDA's service desk can explain it."),
    ),
    "command.unconfirmed": Advice(
        _("The server's answer to the last step was lost."),
        _("The portal looks on the server what happened before it does anything again."),
    ),
    "data.connect_failed": Advice(
        _("The connection for the file itself could not be made."),
        _("Have your network team check the ports 40000 to 42000; the portal keeps trying."),
    ),
    "data.session_not_resumed": Advice(
        _("The server asked for a renewed secure session."),
        _BY_ITSELF,
    ),
    "data.stalled": Advice(_("The transfer came to a halt on the way."), _BY_ITSELF),
    "data.aborted": Advice(_("The transfer was broken off on the way."), _BY_ITSELF),
    "data.total_timed_out": Advice(
        _("The transfer took longer than it may."),
        _("The portal tries again; if it stays, ask your network team about the line's speed."),
    ),
    "data.size_mismatch": Advice(
        _("Not as many bytes arrived as were sent, so the file does not count as transferred."),
        _BY_ITSELF,
    ),
    "data.unconfirmed": Advice(
        _("All bytes were sent, but the server never confirmed them."), _BY_ITSELF
    ),
    "file.not_found": Advice(
        _("The server says that the file or folder is not there."),
        _("Check the folder names on the account page against what MAGDA told you."),
    ),
    "file.denied": Advice(
        _("The server does not allow this file in this folder."),
        _("Check name and folder; then ask MAGDA's service desk whether the account may write."),
    ),
    "server.full": Advice(
        _("There is no room left on MAGDA's server."),
        _("The portal tries again by itself; if it stays, tell MAGDA's service desk."),
    ),
    "listing.unreadable": Advice(
        _("The server's list of files could not be read."),
        _("Send the helpdesk the dialogue shown with the attempt."),
    ),
    "collection.changed": Advice(
        _("The file changed while it was fetched, so somebody was still writing it."),
        _("The portal fetches it again at the next collection."),
    ),
    "collection.unexpected": Advice(
        _("The portal could not take the file in, for a reason of its own."),
        _("The portal tries again by itself; tell the helpdesk the name of the file and the time."),
    ),
    "delivery.not_seen": Advice(
        _("MAGDA's server was asked to rename the file, and it stands under neither name."),
        _(
            "The portal looks again by itself, for a quarter of an hour; then a clerk asks MAGDA "
            "and decides on the transfer's page."
        ),
    ),
    "delivery.not_arrived": Advice(
        _("A clerk found out that the file did not arrive; the history says how."),
        _("Nothing is sent by itself. Try it again only if you are sure of that."),
    ),
    "transfer.worker_lost": Advice(
        _("The process that was sending the file stopped."),
        _("The portal looks on the server how far it came, and goes on from there."),
    ),
    "payload.missing": Advice(
        _("The file's content is no longer in the portal's storage."),
        _("Send the file again from your own copy, and tell the helpdesk."),
    ),
    "payload.unreadable": Advice(
        _("The portal's storage can't be read at this moment."),
        _("The portal tries again by itself; tell the helpdesk when it lasts."),
    ),
    "payload.corrupt": Advice(
        _("The file in the portal's storage is not what was uploaded; it was not delivered."),
        _("Send the file again from your own copy, and tell the helpdesk at once."),
    ),
    "payload.erased": Advice(
        _("The content was erased when its retention ended; name, size and hash are kept."),
        _("Take the file from the system it was stored in after its first download."),
    ),
}

_DECISIONS: Final[Mapping[str, Advice]] = {
    "transfer.cannot_cancel": Advice(
        _("The transfer is finished, so it can not be cancelled any more."),
        _("What became of it is shown as its state."),
    ),
    "transfer.cancelled_already": Advice(
        _("The transfer was cancelled already."), _("There is nothing left to do.")
    ),
    "transfer.cannot_retry": Advice(
        _("The transfer is not waiting or failed, or its content is gone."),
        _("Look at its present state on its page; send the file again if you need to."),
    ),
    "transfer.rename_asked": Advice(
        _(
            "The server was asked to give the file its final name, so MAGDA may have it already; "
            "it can not be cancelled any more."
        ),
        _("The portal looks on the server what happened and says so on the transfer's page."),
    ),
    "transfer.being_sent": Advice(
        _("The transfer is being sent at this moment, so it can not be cancelled now."),
        _("It can be cancelled once it has to wait for another try."),
    ),
    "transfer.not_delivered": Advice(
        _("The transfer was not delivered, so there is nothing to send again."),
        _("Look at its present state on its page; a failed transfer can be tried again there."),
    ),
    "transfer.undecided": Advice(
        _("Nobody knows yet whether this transfer arrived, so it is not sent again."),
        _("Find out at MAGDA and decide it first, on the page of the transfer."),
    ),
    "transfer.sent_again_already": Advice(
        _("The transfer was sent again already."),
        _("Look at the newer one; if that has to go once more, send it again from its own page."),
    ),
    "transfer.reason_short": Advice(
        _("The reason is missing, or shorter than 10 characters."),
        _("Say it in a sentence; the history keeps it."),
    ),
    "transfer.reason_long": Advice(
        _("The reason is longer than 300 characters."),
        _("Say it in a sentence; the history keeps it."),
    ),
    "transfer.not_uncertain": Advice(
        _("Somebody, or the portal itself, has settled this transfer already."),
        _("Look at its history below."),
    ),
}

_CACHE: Final[Mapping[str, Advice]] = {
    "cache.gone": Advice(
        _("The file is no longer in MAGDA's cache, so it can not be sent again from there."),
        _("Send it again from your own copy; MAGDA removes files from its cache after two weeks."),
    ),
    "cache.other_content": Advice(
        _("MAGDA's cache holds another file under this name than the one that was delivered."),
        _("Nothing was sent. Send the file again from your own copy, or pick it from the cache."),
    ),
    "cache.size_unknown": Advice(
        _("MAGDA's server does not tell the size of this file, so a copy could not be checked."),
        _("Send the file again from your own copy."),
    ),
    "cache.slow": Advice(
        _("MAGDA's server did not answer within a few seconds."),
        _("Load the page again in a moment; if it stays, look at the account's page."),
    ),
}

_COLLECTED: Final[Mapping[str, Advice]] = {
    "collection.name_unsafe": Advice(
        _("This file's name can't be fetched safely."),
        _("Have it fetched by hand before MAGDA removes it."),
    ),
    "collection.storage_full": Advice(
        _("The portal has no room for the file: its storage is full or can not be written."),
        _("It stays at MAGDA; the portal fetches it when there is room. Tell the helpdesk."),
    ),
    "payload.not_fetched": Advice(
        _("The content is not here: it was to come from MAGDA's cache and was never fetched."),
        _("The portal fetches it when it sends the file; the transfer's state tells whether."),
    ),
    "transfer.from_magda": Advice(
        _("The transfer came from MAGDA; only requests are sent again."),
        _("To ask MAGDA the same once more, open the request that it answers."),
    ),
}

_STORAGE: Final[Mapping[str, Advice]] = {
    "storage.low": Advice(
        _("The portal's storage is nearly full: the largest file it may be sent has no room."),
        _("Make room on its disk before it refuses requests and leaves answers at MAGDA."),
    ),
    "storage.used_up": Advice(
        _("The portal's storage is full: it takes no requests and fetches no answers."),
        _("Make room on its disk; the portal then goes on by itself."),
    ),
    "storage.unreadable": Advice(
        _("The portal can't tell how much room its storage has."),
        _("Check the disk and the rights on it; without it nothing can be sent or fetched."),
    ),
}

FILES: Final[Mapping[str, Advice]] = {
    **_NAMES,
    **_UPLOADS,
    **_WAY,
    **_DECISIONS,
    **_CACHE,
    **_COLLECTED,
    **_STORAGE,
}
