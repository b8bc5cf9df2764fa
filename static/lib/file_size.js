const MB = 1_000_000 // bytes

/** "1.2 MB", "340 kB": the words of models/attachment_limits.py. */
export function inWords(size) {
  if (size < MB) return `${Math.ceil(size / 1000)} kB`
  const tenths = Math.ceil((size * 10) / MB)
  return tenths % 10 === 0 ? `${(tenths / 10).toLocaleString("en")} MB` : `${(tenths / 10).toFixed(1)} MB`
}

/** Why a message cannot take `file` besides its other files; null where it can. The words are the server's. */
export function refusalOf(file, others, { fileBytes, messageBytes, files }) {
  if (file.size === 0) return "This file is empty. Choose another one."
  if (file.size > fileBytes) return `This file has ${inWords(file.size)}. Up to ${inWords(fileBytes)} are possible.`
  if (others.length >= files) return `A message can have ${files} files. Send this one in another message.`
  const all = others.reduce((sum, { size }) => sum + size, file.size)
  if (all > messageBytes) return `A message can have ${inWords(messageBytes)} of files. Send this one in another message.`
  return null
}
