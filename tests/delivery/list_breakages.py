"""What breakages.py breaks of the one connection, the lists and what is unread."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    file: str
    old: str
    new: str


BREAKAGES: dict[str, list[Edit]] = {
    "at once: a published head reaches no list": [
        Edit("chatapp/turbo/hub.py", "            if head is not None:\n", "            if False:\n"),
    ],
    "no heartbeat comparison of heads": [
        Edit("chatapp/turbo/heads.py", "if not known:", "if True:"),
    ],
    "the position of a list counts no heads": [
        Edit("chatapp/turbo/headed.py", "return revision * HEADS + sum(head_revisions)", "return revision * HEADS"),
        Edit("tests/delivery/chat_list.py", "self.revision * STEP + sum(", "self.revision * STEP + 0 * sum("),
    ],
    "a changed head keeps its revision": [
        Edit("chatapp/turbo/headed.py", "case((stays, columns.head_revision), else_=columns.revision + 1)",
             "columns.head_revision"),
    ],
    "a list is not read anew when chats come and go": [
        Edit("chatapp/models/listed_chat.py", "return None if self.listed_revision > since else self.mark_fragment()",
             "return self.mark_fragment()"),
    ],
    "what was read is not announced": [
        Edit("chatapp/models/listed_chat.py", 'frozenset({"revision", ', 'frozenset({"read_id", "revision", '),
    ],
    "the server counts one's own messages as unread": [
        Edit("chatapp/models/unread.py", "author_id != reader_id for", "True for"),
    ],
    "the page counts one's own messages as unread": [
        Edit("tests/delivery/chat_list.py", "sum(author != reader for", "sum(True for"),
    ],
    "a head tells of deleted messages": [
        Edit("chatapp/models/mixins/headline.py",
             "Message.chat_id == chat_id, Message.deleted_at.is_(None))", "Message.chat_id == chat_id)"),
    ],
    "a head is not compared with what it showed": [
        Edit("chatapp/turbo/headed.py", "return hashlib.sha256(repr(head)", "return hashlib.sha256(repr(head.title)"),
    ],
    "nobody is told that a stream is gone": [
        Edit("chatapp/turbo/connection.py", 'self.write(event(quoted(stream), name="gone"))', "pass"),
    ],
    "a stream goes on after it was withdrawn": [
        Edit("chatapp/turbo/readers.py",
             "            self.channels.leave(cursor)\n            cursor.connection.withdraw(cursor.stream)",
             '            cursor.connection.write(f"event: gone\\ndata: {cursor.stream}\\n\\n".encode())'),
    ],
    "at once: nobody is told of a withdrawal": [
        Edit("chatapp/models/chat.py", "            turbo.end(db.session(), ", "            print("),
    ],
    "a withdrawal is neither told nor looked for": [
        Edit("chatapp/models/chat.py", "            turbo.end(db.session(), ", "            print("),
        Edit("chatapp/turbo/readers.py", "in self.source.withdrawn(some):", "in ():"),
    ],
    "a change is applied to the wrong part of the page": [
        Edit("tests/delivery/page.py", "region = self.region_of(mark.name)\n", "region = self.regions[0]\n"),
    ],
    "the page overlooks that a list is a new one": [
        Edit("tests/delivery/chat_list.py", 'no higher revision."""\n        return True\n',
             'no higher revision."""\n        return False\n'),
    ],
    "in the library: an older reading of a list is taken": [
        Edit("chatapp/turbo/lists.py", "if found.begun and found.revision > listing.revision:", "if False:"),
    ],
    "in the library: a list is believed for its position alone": [
        Edit("chatapp/turbo/readers.py", "        self.lists.learn(self._in_lists(connections))\n", ""),
    ],
    "in the library: what was held back comes behind a list that has it": [
        Edit("chatapp/turbo/cursor.py", "for frame in [] if newest else held:", "for frame in held:"),
    ],
    "a list that was read misses newer heads": [
        Edit("chatapp/turbo/lists.py", "                newer.append(head.html)\n", "                pass\n"),
    ],
    "static: a change is applied to the wrong part of the page": [
        Edit("static/turbo/live.js", "const region = this.regionOf(mark.name)", "const [region] = this.regions"),
    ],
    "static: the position of a list counts no heads": [
        Edit("static/turbo/list_region.js", "sum + Number(dataset.revision), Number", "sum, Number"),
    ],
    "static: the list stays in its order": [
        Edit("static/lib/chat_list.js", "this.arrange(sorted)", "sorted.pop()"),
    ],
    "static: one's own messages count as unread": [
        Edit("static/lib/unread.js", "authorId !== readerId", "readerId"),
    ],
    "static: what arrives changes no count": [
        Edit("static/controllers/chat_list_controller.js", "new MutationObserver(() => this.update())",
             "new MutationObserver(() => {})"),
    ],
}  # fmt: skip
