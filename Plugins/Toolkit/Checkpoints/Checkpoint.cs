using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>Tensors by name, as a checkpoint holds them.</summary>
public abstract class Checkpoint
{
    private protected Checkpoint(string prefix) => Prefix = prefix;

    /// <summary>Name of the files without their endings.</summary>
    public string Prefix { get; }

    /// <summary>Names of the tensors, in the order of the index.</summary>
    public abstract IEnumerable<string> Names { get; }

    /// <summary>Opens the files that begin with a prefix: an index with its data files, or a file of version 1.</summary>
    /// <param name="source">The model's files.</param>
    /// <param name="prefix">Name of the files in the source, without endings.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ModelFormatException">There is no such file, or it is malformed.</exception>
    public static Checkpoint Open(ModelSource source, string prefix, CancellationToken cancellation)
    {
        if (source.Find(prefix + ".index") is { } index)
            return new TensorBundle(source, prefix, index, cancellation);
        var files = LegacyFiles(source, prefix);
        if (!files.IsEmpty)
            return new LegacyCheckpoint(prefix, files, cancellation);
        throw new ModelFormatException($"there is no file '{prefix}.index', which says where the variables are")
        {
            DiagnosticId = ToolkitDiagnostics.MissingIndex.Id,
            Suggestion = "Copy the checkpoint again, with all its files.",
        };
    }

    /// <summary>True when the checkpoint holds the tensor.</summary>
    public abstract bool Contains(string name);

    /// <summary>A tensor, or a part of it. Its elements are a view of the file where they are in it as one stretch; their checksum is compared first.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="slice">The part that is wanted; null for all.</param>
    /// <exception cref="ModelFormatException">There is no such tensor, it does not hold the part, or the data are not what the index says.</exception>
    public abstract Tensor Read(string name, TensorSlice? slice);

    private static ImmutableArray<ModelSourceFile> LegacyFiles(ModelSource source, string prefix)
    {
        var names = source.Names.Where(name => name == prefix || (name.StartsWith(prefix + "-", StringComparison.Ordinal) && name.AsSpan(prefix.Length).Contains("-of-", StringComparison.Ordinal)));
        return [.. names.Select(source.Find).OfType<ModelSourceFile>().Where(SortedTable.IsTable)];
    }
}
