import { inWords } from "lib/file_size"
import { uploadsOfThisReader } from "lib/uploads"

/** Shows the files of a message that waits to be sent, as large as in the message itself. */
export function showFiles(list, ids) {
  const uploads = uploadsOfThisReader()
  list.hidden = ids.length === 0
  for (const one of uploads.of(ids)) {
    const item = shown(list, one, uploads) ?? list.appendChild(itemFor(one, uploads))
    const progress = item.querySelector("progress")
    progress.value = one.done ? 1 : one.offset / Math.max(1, one.size)
    progress.hidden = one.done || Boolean(one.error)
  }
}

// A large picture is a file until the browser has measured it.
function shown(list, one, uploads) {
  const item = list.querySelector(`[data-upload-id="${CSS.escape(one.id)}"]`)
  if (!item || !one.picture || item.matches(".attachment--picture")) return item
  const picture = itemFor(one, uploads)
  item.replaceWith(picture)
  return picture
}

function itemFor(one, uploads) {
  const item = element("li", `attachment attachment--${one.picture ? "picture" : "file"}`)
  item.dataset.uploadId = one.id
  item.append(one.picture ? pictureOf(one, uploads) : chipOf(one))
  const progress = element("progress", "attachment__progress")
  progress.setAttribute("aria-label", `${one.name}, sent so far`)
  item.append(progress)
  return item
}

function pictureOf({ id, name, picture }, uploads) {
  const image = element("img", "attachment__picture attachment__picture--coming")
  Object.assign(image, { alt: name, width: picture.width, height: picture.height })
  uploads.address(id).then((address) => address && (image.src = address))
  return image
}

function chipOf({ name, size }) {
  const chip = element("span", "attachment__file")
  const icon = document.querySelector("[data-part=icon]")?.cloneNode(true)
  const words = element("span", "attachment__name", name)
  words.dir = "auto"
  chip.append(...(icon ? [icon] : []), words, element("span", "attachment__size", inWords(size)))
  return chip
}

function element(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text })
}
