const KINDS = ["image/png", "image/jpeg", "image/gif", "image/webp"]
const WIDEST = 360 // pixels; BOX in models/attachment_limits.py is the same
const HIGHEST = 270
const PATIENCE = 3_000 // ms

/** Resolves to the place that a picture takes on the page, `{ width, height }`, or to null for any other file. */
export async function measure(file) {
  if (!KINDS.includes(file.type)) return null
  const address = URL.createObjectURL(file)
  try {
    return box(await loaded(address))
  } catch {
    return null
  } finally {
    URL.revokeObjectURL(address)
  }
}

function loaded(address) {
  const image = new Image()
  return new Promise((resolve, reject) => {
    image.addEventListener("load", () => resolve(image))
    image.addEventListener("error", reject)
    setTimeout(reject, PATIENCE)
    image.src = address
  })
}

function box({ naturalWidth, naturalHeight }) {
  const scale = Math.min(1, WIDEST / naturalWidth, HIGHEST / naturalHeight)
  return { width: Math.max(1, Math.round(naturalWidth * scale)), height: Math.max(1, Math.round(naturalHeight * scale)) }
}
