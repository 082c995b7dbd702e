/**
 * The version of the rows' fields: higher with every change that an older collector would refuse. Fields are only
 * ever added, so that a collector takes every version up to its own. 2: slow and stalled time, the first look, vitals.
 */
export const SCHEMA = 2

/** The version of this package. */
export const SDK = '0.1.0'
