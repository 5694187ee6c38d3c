package dev.henge.expression;

import com.google.protobuf.ByteString;
import java.util.function.IntUnaryOperator;

/** Searching a piece in linear time, so that no pair of values holds up a partition. */
final class Substrings {

    /** Below this the simple search is quicker and its worst case harmless. */
    private static final int SHORT_PIECE_MAX = 32;

    private Substrings() {}

    static boolean contains(String text, String piece) {
        return piece.length() <= SHORT_PIECE_MAX
                ? text.contains(piece)
                : contains(text::charAt, text.length(), piece::charAt, piece.length());
    }

    static boolean contains(ByteString bytes, ByteString piece) {
        return contains(bytes::byteAt, bytes.size(), piece::byteAt, piece.size());
    }

    /** Knuth, Morris and Pratt's. */
    private static boolean contains(IntUnaryOperator text, int textLength, IntUnaryOperator piece, int pieceLength) {
        if (pieceLength > textLength) {
            return false;
        }
        if (pieceLength == 0) {
            return true;
        }
        int[] borders = borders(piece, pieceLength);
        int matched = 0;
        for (int index = 0; index < textLength; index++) {
            int unit = text.applyAsInt(index);
            while (matched > 0 && piece.applyAsInt(matched) != unit) {
                matched = borders[matched - 1];
            }
            if (piece.applyAsInt(matched) == unit) {
                matched++;
            }
            if (matched == pieceLength) {
                return true;
            }
        }
        return false;
    }

    /** At each index, how much of the piece's beginning ends there, less than all up to there. */
    private static int[] borders(IntUnaryOperator piece, int pieceLength) {
        int[] borders = new int[pieceLength];
        int matched = 0;
        for (int index = 1; index < pieceLength; index++) {
            int unit = piece.applyAsInt(index);
            while (matched > 0 && piece.applyAsInt(matched) != unit) {
                matched = borders[matched - 1];
            }
            if (piece.applyAsInt(matched) == unit) {
                matched++;
            }
            borders[index] = matched;
        }
        return borders;
    }
}
