/** Version of this package; part of every step's identity, for other code may find other figures. */
export const version = '0.2.0';
