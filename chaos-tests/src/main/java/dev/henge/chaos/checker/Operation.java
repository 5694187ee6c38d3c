package dev.henge.chaos.checker;

/**
 * One call of a client on one key.
 *
 * @param client who called; a client makes one call at a time
 * @param key the key it was on
 * @param call what was asked
 * @param outcome what was learned
 * @param invokedNanos when the call was made, on the history's one clock
 * @param returnedNanos when its outcome was known; {@link #NEVER} when it is unknown
 */
public record Operation(int client, String key, Call call, Outcome outcome, long invokedNanos, long returnedNanos) {

    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        if (returnedNanos < invokedNanos) {
            throw new IllegalArgumentException("returned at " + returnedNanos + ", before the call at " + invokedNanos);
        }
        if ((outcome instanceof Outcome.Unknown) != (returnedNanos == NEVER)) {
            throw new IllegalArgumentException("an outcome is unknown exactly when the call never returned");
        }
    }

    boolean isUnknown() {
        return returnedNanos == NEVER;
    }

    @Override
    public String toString() {
        String returned = isUnknown() ? "?" : Long.toString(returnedNanos);
        return "[" + invokedNanos + " .. " + returned + "] client " + client + " on " + key + ": " + call + " -> "
                + outcome;
    }
}
