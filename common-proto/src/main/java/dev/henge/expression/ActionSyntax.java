package dev.henge.expression;

/** One action of an update, as written. */
sealed interface ActionSyntax {

    PathSyntax path();

    record SetAction(PathSyntax path, AssignedSyntax assigned) implements ActionSyntax {}

    record RemoveAction(PathSyntax path) implements ActionSyntax {}

    record AddAction(PathSyntax path, String valuePlaceholder) implements ActionSyntax {}

    record DeleteAction(PathSyntax path, String valuePlaceholder) implements ActionSyntax {}
}
