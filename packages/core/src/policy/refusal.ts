/** A longer answer says more than no, whatever it begins with, characters. */
const LONGEST = 1_000
/** A refusal says so at once, characters. */
const OPENING = 200

/**
 * How answers begin that refuse and do nothing else, in en de fr es pt it ru zh ja ko. Each wants somebody
 * who cannot or will not, *help* or *comply*, and what with: "I'm sorry to hear that", "I cannot find the
 * file" and "I can't help but notice" are answers. Few on purpose, for a false alarm takes a good answer
 * away. Worded after recorded refusals of providers and a list that red teams use:
 * https://github.com/promptfoo/promptfoo/blob/main/src/redteam/util.ts
 */
const REFUSALS: readonly RegExp[] = [
  /^(?:(?:(?:i(?:'m| am) )?(?:(?:very|really|so) )?sorry|i apologi[sz]e|my apologies|unfortunately|as an ai[a-z ]*)[,.;]? ?(?:but |- ?)?)?(?:i (?:can(?:'t|not| not)|won't|will not|must decline to)|i(?:'m| am) (?:unable|not able|not going) to) (?:(?:help|assist)(?: you)? (?:with|in)\b|(?:comply with|fulfil+|complete|continue with) (?:that|this|your|such|the)\b)(?!.*\b(?:until|unless|without|yet|right now)\b)/,
  /^(?:(?:es )?tut mir (?:sehr )?leid|entschuldigung|leider)?[,.;]? ?(?:aber )?(?:(?:da|hier)(?:bei|mit|zu) (?:kann|darf|werde) ich (?:dir |ihnen |euch )?(?:leider )?nicht (?:weiter)?helfen|(?:ich )?(?:kann|darf|werde) (?:ich )?(?:dir |ihnen |euch )?(?:leider )?(?:(?:da|hier)(?:bei|mit|zu) (?:leider )?nicht (?:weiter)?helfen|(?:diese[rn]?|deine[rn]?|ihre[rn]?) (?:anfrage|bitte|aufforderung|wunsch) (?:leider )?nicht (?:erfüllen|nachkommen)))/,
  /^(?:(?:je suis (?:vraiment )?)?désolée?|malheureusement)?[,.;]? ?(?:mais )?je ne (?:peux pas|suis pas en mesure de|pourrai pas) (?:vous |t')?(?:aider|assister) (?:avec|à|sur|dans) /,
  /^(?:(?:lo )?(?:siento|lamento)(?: mucho)?|perdón|disculpa)?[,.;]? ?(?:pero )?no (?:puedo|podré) (?:ayudar(?:te|le|les|los)? (?:con|en) (?:eso|esto|es[ea]|est[ea])\b|cumplir (?:con )?(?:es[ea]|est[ea]|tu|su)\b)/,
  /^(?:desculp[ae]|lamento|sinto muito)?[,.;]? ?(?:mas )?(?:eu )?não (?:posso|consigo) (?:(?:te |lhe |o |a )?ajud(?:ar|á-l[oa])(?: você)? (?:com (?:iss?t?o|ess[ea]|est[ea])|nisso)|atender (?:a )?(?:ess[ea]|est[ea]|seu|sua)\b)/,
  /^(?:mi dispiace|(?:sono )?spiacente)?[,.;]? ?(?:ma )?non posso (?:aiutar(?:ti|la|vi)|assister(?:ti|la|vi)|soddisfare) (?:con|in|quest[ao]|la tua)\b/,
  /^(?:извини(?:те)?|прости(?:те)?|к сожалению|мне (?:очень )?жаль)?[,.;]? ?(?:но )?я не (?:могу|буду) (?:(?:вам|тебе) )?(?:помочь(?: (?:вам|тебе))? (?:с этим|в этом|с так)|выполнить (?:этот|эту|ваш|такой))/,
  /^(?:(?:很|非常|十分)?(?:抱歉|对不起|對不起)[,，。]?\s?(?:但是?)?)?我?(?:无法|無法|不能)(?:为您|为你|给您|给你)?(?:提供)?(?:协助|協助|帮助|幫助|满足|滿足|完成)(?:您|你|这|這|该|該|此|处理|處理|完成|[。，,.!]|$)/,
  /^(?:(?:大変)?(?:申し訳(?:あり|ござい)ませんが|すみませんが|ごめんなさい)[、。]?)?(?:[^。]{0,20}(?:リクエスト|ご?要望|ご?依頼)に(?:は)?(?:お応え|対応|お答え)(?:すること(?:が|は))?(?:でき|いたしかね)|[^。]{0,20}お手伝い(?:すること)?(?:が|は)?(?:でき|いたしかね))/,
  /^죄송(?:합니다|하지만)[.,]? ?[^.]{0,40}(?:도와드릴|도와 드릴|도움을 드릴) 수(?:는|가)? 없/,
]

/** Whether an answer is a refusal in plain words, as far as its opening tells: it never says so of all. */
export function isRefusal(text: string): boolean {
  if (text.length > LONGEST) return false
  const opening = text
    .slice(0, OPENING)
    .replaceAll(/[’ʼ′]/g, "'")
    .replace(/^[^\p{L}]+/u, '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()
  return REFUSALS.some((one) => one.test(opening))
}
