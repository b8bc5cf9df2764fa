/** Shows a text at the top of the page, like a flash message of the server. One at a time. */
export default function tell(words, category = "error") {
  document.getElementById("told")?.remove()
  const template = document.getElementById("notice")
  if (!template) return // the page for a broken server has none
  const notice = template.content.firstElementChild.cloneNode(true)
  notice.id = "told"
  notice.textContent = words
  if (category !== "error") soften(notice, category)
  template.before(notice)
}

// The template is for errors, which interrupt and stay longer.
function soften(notice, category) {
  notice.className = `flash flash--${category}`
  notice.setAttribute("role", "status")
  notice.removeAttribute("data-passing-lasting-value")
}
