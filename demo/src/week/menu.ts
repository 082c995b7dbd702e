import { z } from 'zod'

export interface Menu {
  title: string
  days: { day: string; dish: string; minutes: number; note: string }[]
  shopping: string[]
}

/** What a plan has to be; an answer that is anything else is refused, and the next route is asked. */
export const Menu: z.ZodType<Menu> = z.object({
  title: z.string(),
  days: z
    .array(z.object({ day: z.string(), dish: z.string(), minutes: z.number(), note: z.string() }))
    .min(5),
  shopping: z.array(z.string()),
})
