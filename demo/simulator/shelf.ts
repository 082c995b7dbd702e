import type { Speaker } from './voices.ts'

/** A page of the kitchen's shelf: when to take it down, and what each route makes of it. */
export interface Topic extends Readonly<Record<Speaker, string>> {
  readonly about: RegExp
  /** What there is to add when somebody asks on. */
  readonly more: string
}

export const shelf: readonly Topic[] = [
  {
    about: /bread|loaf|dough|yeast|sourdough|\brise|\bproof|bak(e|ing)/i,
    swift: `Nearly always it is one of three things: the yeast was dead, the dough was cold, or it ran out of time. You can tell them apart.

1. **Test the yeast.** Stir half a teaspoon into a little warm water with a pinch of sugar. No foam after ten minutes means no life in it; buy a new packet.
2. **Feel the dough.** If it is cool to the touch it is only slow, not spoiled. Put the bowl in the oven with just the light on, at about 26 °C, and give it another hour.
3. **Poke it.** A dent that springs straight back wants more time. One that fills in slowly is ready. One that stays has gone too far: knock it back, shape it again and let it rise for half as long.

Salt poured directly on the yeast and water above 50 °C are the two ways a good packet gets killed, so next time mix the salt into the flour first.

If the loaf is already baked and dense, slice it thin and toast it. It makes very good crackers.`,
    backend: `The usual causes are old yeast, a cold kitchen, or too little time.

Check the yeast first: stirred into warm water with a pinch of sugar it should foam within ten minutes. If it does, move the dough somewhere warm, about 26 °C, and wait until it has doubled, however long that takes. The clock in a recipe assumes somebody else's kitchen.

Next time keep the salt away from the yeast until the flour is in, and use water that feels only just warm on your wrist.`,
    reserve: `Probably old yeast or a cold room. Check that the yeast foams in warm water, then leave the dough somewhere warm until it doubles.`,
    more: `One habit helps more than any other: mark the side of the bowl where the dough begins. "Doubled" is hard to judge by eye and easy to read off a strip of tape. In winter, warm the flour in the oven for two minutes before you mix; most of the dough is flour, so that is where the cold hides.`,
  },
  {
    about: /buttermilk|substitut|instead of|replace|swap/i,
    swift: `For 250 ml of buttermilk, the closest stand-ins are these, best first:

- **Kefir**, straight from the bottle. It is nearly the same thing, and you change nothing else.
- **Plain yoghurt thinned with milk**, 180 ml to 70 ml. Whisk it until it pours.
- **Milk and lemon juice**, 235 ml to one tablespoon. Leave it ten minutes; it will look curdled, and that is right.
- **Milk and vinegar**, in the same proportion, if there is no lemon. White or cider vinegar.

What matters is the acid. It is what the baking soda in your recipe is waiting for, and it is why plain milk alone gives flat pancakes that taste faintly of soap.

For a marinade use the yoghurt, which clings. For scones use the kefir. In a cake nobody will be able to tell which you chose.`,
    backend: `The simplest stand-in is milk with lemon juice: one tablespoon of juice topped up to 250 ml with milk, left for ten minutes.

Thinned yoghurt or kefir come closer in taste and texture, and work cup for cup.

Do not use plain milk by itself. The recipe counts on the acid in buttermilk to set off the baking soda, and without it the batter stays flat.`,
    reserve: `Add a tablespoon of lemon juice to 250 ml of milk and wait ten minutes. Use it in the same amount.`,
    more: `If you bake often, buttermilk freezes well. Pour it into an ice tray, three tablespoons to a cube, and thaw what you need. It separates as it thaws; a quick whisk brings it back.`,
  },
  {
    about: /salt|soup|stew|sauce|stock|broth/i,
    swift: `Yes, unless it is very far gone. Work through these in order and taste after each one.

1. **Make more soup.** Add unsalted water or stock, a little at a time. It is the only thing that truly lowers the salt; the rest only hides it.
2. **Add something bland and starchy.** Cooked rice, white beans or a handful of small pasta take up the salty broth and give the bowl more to chew on.
3. **Bring acid.** A teaspoon of lemon juice or vinegar makes salt read as seasoning rather than as a mistake.
4. **Bring fat.** Cream, coconut milk or olive oil softens the edge.

The potato that is supposed to drink up salt does not. It takes up salty water at the same strength as the rest and leaves you with less soup and one salty potato.

For next time: salt in three small steps, and leave the last until the pot has finished reducing.`,
    backend: `Usually, yes. Dilute it with unsalted stock or water, since that is the one thing that removes salt rather than covering it.

If that makes it thin, add cooked beans, rice or more vegetables, then finish with a squeeze of lemon and a spoonful of cream. Acid and fat both make salt less noticeable.

Skip the potato trick. It takes up water and salt together, so the broth stays as salty as it was.`,
    reserve: `Thin it with unsalted water or stock, then add lemon juice or a little cream. A potato will not help.`,
    more: `If there is too much now, freeze half of it before you correct anything else. Salty soup in the freezer is a good stock cube: a ladle of it seasons a pot of rice or lentils with nothing else added.`,
  },
  {
    about: /dinner|lentil|supper|menu|\bmeal|\bweek|\bplan\b/i,
    swift: `One 500 g bag makes all three, if you boil it once. Simmer the lentils in plenty of unsalted water for 20 minutes, drain them, and keep a cup of the liquid.

**Monday: warm lentil salad.** Dress a third of them while hot with mustard, vinegar and oil. Add a chopped shallot, parsley, and an egg boiled for seven minutes.

**Wednesday: lentil ragù.** Soften an onion, a carrot and a stick of celery. Add tomato paste, a tin of tomatoes, the second third and that cup of liquid. Half an hour, then toss it with pasta.

**Friday: crisp lentil cakes.** Mash the rest with an egg, breadcrumbs, cumin and lemon zest. Fry until brown on both sides, and serve with yoghurt and anything pickled.

To buy: eggs, a shallot, an onion, a carrot, celery, a tin of tomatoes, yoghurt, a lemon. The rest is probably on your shelf already.`,
    backend: `Boil the whole bag at once, about 20 minutes in unsalted water, and use it over the week.

- First night: a warm salad with mustard dressing and a boiled egg.
- Second night: a tomato and lentil sauce over pasta.
- Third night: fried lentil cakes with yoghurt.

Cooked lentils keep for four days in the refrigerator, so leave the cakes for last; they are better when the lentils are a little dry.`,
    reserve: `Lentil salad with an egg, lentil sauce with pasta, and lentil cakes with yoghurt. Cook the whole bag once and use a third each time.`,
    more: `Brown and green lentils hold their shape, which the salad needs. Red ones fall apart in ten minutes: fine for the sauce and the cakes, hopeless with a dressing. If red is what you have, turn Monday into a soup.`,
  },
  {
    about: /chicken|roast|meat|steak|turkey|\bdone\b|thermometer/i,
    swift: `Go by temperature, not by time. A roast chicken is done when the thickest part of the thigh, away from the bone, reads **74 °C**.

Without a thermometer, look for all three of these together:

- The juices run clear when you push a skewer into the thigh. Pink means another ten minutes.
- The leg moves freely in its joint when you lift it. If the whole bird comes up with it, it is not ready.
- The skin over the breast has shrunk a little from the bone.

Then leave it alone for fifteen minutes before you carve. The heat goes on travelling inwards and the juices thicken enough to stay in the meat rather than on the board.

As a rough guide, reckon 45 minutes per kilo at 190 °C plus 20 minutes, from a bird that has stood out of the refrigerator for half an hour. Ovens differ, so treat this as the time to begin checking.`,
    backend: `Use a thermometer if you have one: 74 °C in the thickest part of the thigh, not touching the bone.

Without one, pierce the thigh. Clear juices mean it is done, pink ones that it needs another ten minutes. The leg should also move loosely in its joint.

Let it rest for fifteen minutes before carving, or the juices end up on the board.`,
    reserve: `It is done at 74 °C in the thigh, or when the juices run clear. Rest it for fifteen minutes.`,
    more: `Save the bones. Cover them with cold water, add an onion cut in half and a few peppercorns, and keep the pot just below a simmer for two hours. It costs nothing, and it is the difference between a good soup next week and a thin one.`,
  },
  {
    about: /\begg|poach|omelet/i,
    swift: `The secret is a fresh egg and still water. Everything else is habit.

1. Bring a wide pan of water to a boil, then turn it down until only small bubbles cling to the bottom. No salt yet, and no whirlpool.
2. Crack each egg into a small sieve over a cup and wait ten seconds. The thin, watery white drains away; that is the part that makes rags.
3. Slide the egg in from just above the surface. Set a timer for **three minutes**.
4. Lift it out with a slotted spoon and press it gently: the white should be firm, the yolk should give.

For a crowd, poach them early and drop them in cold water. A minute in hot water before serving brings them back, and nobody can tell.`,
    backend: `Use the freshest eggs you can get, and water that barely trembles.

Drain each egg in a small sieve for a few seconds first, so that the loose white falls away. Slide it into the water, leave it for three minutes, and lift it out with a slotted spoon.

A little vinegar in the water helps older eggs hold together, at some cost to the taste.`,
    reserve: `Barely simmering water, a fresh egg drained in a sieve, three minutes.`,
    more: `To tell how fresh an egg is, lay it in a bowl of water. Flat on the bottom: poach it. Standing on end: boil it or bake with it. Floating: let it go.`,
  },
  {
    about: /herb|basil|parsley|coriander|cilantro|mint|fresh|wilt|\bstore|\bkeep/i,
    swift: `Treat soft herbs like cut flowers, and woody ones like lettuce.

**Parsley, coriander, mint, dill:** trim the ends, stand them in a jar with two centimetres of water, and put a loose bag over the top. In the refrigerator they last two weeks. Change the water when it clouds.

**Basil:** the same jar, but on the counter. Cold turns it black within a day.

**Rosemary, thyme, sage:** roll them in a barely damp cloth and close them in a box in the refrigerator. Three weeks is normal.

Wash none of them until you need them. Water on the leaves is what makes them rot.

If a bunch is already going, chop it, cover it with olive oil in an ice tray and freeze it. Each cube is the start of a pan sauce.`,
    backend: `Stand soft herbs such as parsley, mint and coriander in a jar of water in the refrigerator, with a bag over them. They keep for about two weeks.

Basil wants the jar but not the cold: leave it on the counter. Rosemary, thyme and sage keep best rolled in a damp cloth in a closed box.

Do not wash them before they are needed.`,
    reserve: `A jar of water in the refrigerator for soft herbs, on the counter for basil, a damp cloth for woody ones.`,
    more: `The stems are worth keeping too. Coriander and parsley stems chop fine and carry more taste than the leaves, and a few thyme stalks belong in every pot of stock.`,
  },
]
