package dev.henge.deploy;

import java.io.StringWriter;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What an operator's command came to.
 *
 * @param text for a person; whole lines
 * @param json for a program: one object, the same content
 * @param exitCode one of those of {@link Henge}
 */
record Answer(String text, String json, int exitCode) {

    private static final JsonFactory JSON = new JsonFactory();

    /** @param members writes the members of the JSON object */
    static Answer done(String text, Consumer<JsonGenerator> members) {
        return of(text, members, true);
    }

    /**
     * @param members writes the members of the JSON object
     * @param well whether it was done, and what was asked about is well
     */
    static Answer of(String text, Consumer<JsonGenerator> members, boolean well) {
        StringWriter written = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), written)) {
            json.writeStartObject();
            members.accept(json);
            json.writeEndObject();
        }
        return new Answer(text, written + "\n", well ? Henge.EXIT_DONE : Henge.EXIT_FAILED);
    }
}
