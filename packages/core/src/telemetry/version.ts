/** The version of the rows' fields: higher with every change that an older collector would refuse. */
export const SCHEMA = 1

/** The version of this package. */
export const SDK = '0.1.0'
