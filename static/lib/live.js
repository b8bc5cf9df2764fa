import checkPage from "lib/page_check"
import Live from "turbo/live"

/** The one connection of this document. Controllers of live regions join it. */
export default new Live({ check: checkPage })
