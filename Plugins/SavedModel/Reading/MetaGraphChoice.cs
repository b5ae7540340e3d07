using System.Collections.Immutable;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Chooses a meta graph of a SavedModel by its tags.</summary>
internal static class MetaGraphChoice
{
    private const string Serve = "serve";

    /// <summary>The meta graph with the tags; without tags the one for serving, else the only one, else the one without tags.</summary>
    /// <exception cref="ModelFormatException">There is none, or several fit.</exception>
    public static ReadOnlyMemory<byte> Choose(ReadOnlyMemory<byte> savedModel, ImmutableArray<string> tags, string file)
    {
        var graphs = MetaGraphReader.MetaGraphs(savedModel);
        if (graphs.IsEmpty)
            throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Malformed, $"'{file}' holds no meta graph{(savedModel.IsEmpty ? ": it is empty" : "")}", "Export or copy the model again.");
        var tagged = graphs.Select(graph => (Graph: graph, Tags: MetaGraphReader.Tags(graph).ToHashSet(StringComparer.Ordinal))).ToArray();
        ImmutableArray<string> wanted = tags.IsEmpty ? [Serve] : tags;
        var exact = Array.FindAll(tagged, graph => graph.Tags.SetEquals(wanted));
        if (exact.Length == 1)
            return exact[0].Graph;
        var containing = Array.FindAll(tagged, graph => graph.Tags.IsSupersetOf(wanted));
        if (containing.Length == 1)
            return containing[0].Graph;
        if (tags.IsEmpty && tagged.Length == 1)
            return tagged[0].Graph;
        var untagged = Array.FindAll(tagged, graph => graph.Tags.Count == 0);
        if (tags.IsEmpty && containing.Length == 0 && untagged.Length == 1)
            return untagged[0].Graph;
        string sets = string.Join(", ", tagged.Select(graph => "{" + string.Join(",", graph.Tags.Order(StringComparer.Ordinal)) + "}"));
        throw SavedModelDiagnostics.Error(SavedModelDiagnostics.Tags, $"'{file}' has no single meta graph with the tags {{{string.Join(",", wanted)}}}; it has {sets}", "Name the tag of one of them with --tag.");
    }
}
