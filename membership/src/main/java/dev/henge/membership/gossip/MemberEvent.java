package dev.henge.membership.gossip;

/** A change of what is thought of another member. */
public record MemberEvent(Kind kind, Member member) {

    public enum Kind {
        /** Was not known, or had been forgotten. */
        JOINED,

        /** Is there after all: refuted a suspicion, or came back from the dead. */
        ALIVE,

        SUSPECT,

        DEAD,

        LEFT,

        /** Its address, profile or load is another. */
        UPDATED,

        /** Was dead or had left, and is not remembered any longer. */
        FORGOTTEN
    }
}
