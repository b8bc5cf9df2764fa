/** Shows a text at the top of the page, like a flash message of the server. One at a time. */
export default function tell(words) {
  document.getElementById("told")?.remove()
  const template = document.getElementById("notice")
  if (!template) return // the page for a broken server has none
  const notice = template.content.firstElementChild.cloneNode(true)
  notice.id = "told"
  notice.textContent = words
  template.before(notice)
}
