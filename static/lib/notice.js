/** Tells the reader something at the top of the page, as a flash message of the server does; one at a time. */
export default function tell(words) {
  document.getElementById("told")?.remove()
  const template = document.getElementById("notice")
  if (!template) return // the page that says that something broke has none
  const notice = template.content.firstElementChild.cloneNode(true)
  notice.id = "told"
  notice.textContent = words
  template.before(notice)
}
