using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Diagnostics;

/// <summary>
/// A kind of diagnostic: its id, and what every diagnostic of it says. An assembly keeps its descriptors in one class, each id once; a page is generated from each. Ids that begin with
/// <c>TFX</c> are this project's; third parties use a prefix of their own.
/// </summary>
/// <param name="Id">Unique among all assemblies, such as <c>TFX2032</c>.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Title">The kind in a few words, without arguments.</param>
/// <param name="Text">The message; <c>{0}</c>, <c>{1}</c>, … are its arguments. <c>{0}</c> alone where each place has a message of its own.</param>
public sealed record DiagnosticDescriptor(string Id, Severity Severity, string Title, string Text)
{
    /// <summary>Why it happens, for the page.</summary>
    public string Cause { get; init; } = "";

    /// <summary>What to do about it, for the page.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>What provokes it, as text of a graph, a script or a command, for the page.</summary>
    public string Example { get; init; } = "";

    /// <summary>The text of a graph that <see cref="ExampleCommands"/> read from <c>graph.pb</c>, for the page.</summary>
    public string ExampleGraph { get; init; } = "";

    /// <summary>Commands of a shell that provoke it, one a line; they run in an empty folder.</summary>
    public string ExampleCommands { get; init; } = "";

    /// <summary>The diagnostic about a node, whose name is the argument <c>{0}</c>; those given follow.</summary>
    public Diagnostic At(Node node, params ReadOnlySpan<object?> arguments) => With([node.Name, .. arguments]) with { Node = node.Name };

    /// <summary>The diagnostic with the arguments of its text.</summary>
    public Diagnostic With(params ReadOnlySpan<object?> arguments) => new(Id, Severity, Format(arguments));

    /// <summary>The text with its arguments, for exceptions.</summary>
    public string Format(params ReadOnlySpan<object?> arguments) => string.Format(CultureInfo.InvariantCulture, Text, arguments);
}
