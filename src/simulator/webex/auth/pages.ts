/** The pages a person sees on the way to a token: who are you, and do you agree. */
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

function escape (value: string): string {
  return value.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign)
}

function page (title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>
<style>body{font:16px sans-serif;max-width:34em;margin:3em auto;padding:0 1em}label{display:block;margin:.6em 0}button{font:inherit;padding:.4em 1.2em;margin-right:.6em}li{font-family:monospace}</style></head>
<body><h1>${escape(title)}</h1>
${content}
</body></html>
`
}

interface ConsentQuestion { action: string; hidden: Record<string, string>; people: { key: string; name: string }[]; scopes: string[]; application: string; problem?: string }

/** Sign in as a demo person, see what is asked for, accept or decline. */
export function consentPage ({ action, hidden, people, scopes, application, problem }: ConsentQuestion): string {
  const fields = Object.entries(hidden).map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`).join('\n')
  const choices = people.map(({ key, name }) => `<option value="${escape(key)}">${escape(name)}</option>`).join('')
  return page('Simulated sign-in', `${problem === undefined ? '' : `<p role="alert"><strong>${escape(problem)}</strong></p>`}
<form method="post" action="${escape(action)}">
${fields}
<label>Person <select name="person">${choices}</select></label>
<label>Password <input type="password" name="password" value="demo" autocomplete="off"></label>
<p>${escape(application)} asks for:</p>
<ul>${scopes.map((scope) => `<li>${escape(scope)}</li>`).join('')}</ul>
<button name="decision" value="accept">Accept</button><button name="decision" value="decline">Decline</button>
</form>`)
}

export function devicePage (action: string, userCode: string): string {
  return page('Connect a device', `<form method="get" action="${escape(action)}"><label>Code <input name="userCode" value="${escape(userCode)}"></label><button>Next</button></form>`)
}

export function messagePage (title: string, message: string): string {
  return page(title, `<p>${escape(message)}</p>`)
}
