package dev.henge.node.liveness;

/**
 * What nodes say to each other: a question, and the answer to the receiver's last question, if there is one to give.
 *
 * @param incarnation names this life of the sender's process
 * @param sentNanos the sender's clock when it sent this; of no meaning to the receiver, who gives it back
 * @param answeredIncarnation of the receiver's question that is answered; 0 for no answer
 * @param answeredSentNanos that question's {@code sentNanos}
 * @param session in which the sender supports the receiver; 0 for no answer
 */
public record SupportMessage(
        long incarnation, long sentNanos, long answeredIncarnation, long answeredSentNanos, long session) {}
