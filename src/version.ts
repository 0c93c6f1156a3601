/** The version of package.json; a test holds them together, so that starting need not read a file. */
export const VERSION = '0.1.0'
