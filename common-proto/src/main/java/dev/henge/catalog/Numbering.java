package dev.henge.catalog;

/**
 * What a change of the catalog may give out.
 *
 * @param nextId the first number that no table or index ever had
 * @param epoch of the catalog behind the change
 */
public record Numbering(long nextId, long epoch) {}
