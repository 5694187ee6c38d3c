package dev.henge.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server that answers the first request of all with the first answer, the second with the second, and so on, each in
 * the pieces given, and closes a connection after an answer that says so or when there are no more.
 */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket listener;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    ScriptedServer(List<List<String>> answers) throws IOException {
        listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> serve(answers));
    }

    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    Endpoint endpoint() {
        return new Endpoint("scripted", "127.0.0.1", listener.getLocalPort(), List.of());
    }

    /** The requests so far, heads and bodies. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve(List<List<String>> answers) {
        int next = 0;
        while (next < answers.size()) {
            try (Socket socket = listener.accept()) {
                next = serveConnection(socket, answers, next);
            } catch (IOException e) {
                if (listener.isClosed()) {
                    return;
                }
                throw new UncheckedIOException(e);
            }
        }
    }

    private int serveConnection(Socket socket, List<List<String>> answers, int first) throws IOException {
        int next = first;
        socket.setTcpNoDelay(true);
        OutputStream out = socket.getOutputStream();
        while (next < answers.size() && readRequest(socket.getInputStream())) {
            List<String> pieces = answers.get(next);
            next++;
            for (String piece : pieces) {
                out.write(piece.getBytes(US_ASCII));
                out.flush();
            }
            if (pieces.isEmpty() || pieces.getFirst().contains("onnection: ")) {
                return next;
            }
        }
        return next;
    }

    private boolean readRequest(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int character = in.read();
            if (character < 0) {
                return false;
            }
            head.append((char) character);
        }
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf("\r", at)));
        requests.add(head + new String(in.readNBytes(length), US_ASCII));
        return true;
    }
}
