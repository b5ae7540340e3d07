using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Engine.Models;

/// <summary>A model from a file, folder or archive. Its large tensors are views of the files until this is disposed.</summary>
public sealed class LoadedModel : IDisposable
{
    private readonly ImmutableArray<IDisposable> sources;
    private readonly Lazy<ModelEndpoints> endpoints;
    private readonly Lazy<Diagnostic[]> flaws;
    private Task<ReleaseBaseline>? baseline;

    internal LoadedModel(string path, string format, ModelContent content, long fileBytes, params ImmutableArray<IDisposable> sources)
    {
        this.sources = sources;
        Path = path;
        Format = format;
        Content = content;
        FileBytes = fileBytes;
        endpoints = new(() => content.OwnNames is { } own ? new(content.Graph, own, content.Signature) : new(content.Graph, content.Signature));
        flaws = new(() => [.. GraphFlaws.Find(content.Graph)]);
    }

    /// <summary>The path as the user gave it.</summary>
    public string Path { get; }

    /// <summary>Short name of the format: <c>graphdef</c>, <c>saved_model</c>, …</summary>
    public string Format { get; }

    /// <summary>The graph and what its file states of it.</summary>
    public ModelContent Content { get; }

    /// <summary>The graph.</summary>
    public Graph Graph => Content.Graph;

    /// <summary>Inputs and outputs by the names that users give.</summary>
    public ModelEndpoints Endpoints => endpoints.Value;

    /// <summary>What the reader noticed.</summary>
    public ImmutableArray<Diagnostic> Diagnostics => Content.Diagnostics;

    /// <summary>Why nothing can run the graph, such as a cycle; empty for a sound one. Scripts may mend it.</summary>
    public ImmutableArray<Diagnostic> Flaws => ImmutableCollectionsMarshal.AsImmutableArray(flaws.Value);

    /// <summary>Size of the file, or of all files of the folder.</summary>
    public long FileBytes { get; }

    /// <summary>Works out on another processor what <see cref="Origin"/> gives.</summary>
    public void PrepareOrigin() => baseline ??= Task.Run(() => ReleaseBaseline.Of(Graph));

    /// <summary>Where graphs come from that are made of this one.</summary>
    /// <param name="writtenFor">The oldest release that they are written for, such as <c>tf2.7</c>; null for the one that wrote this graph.</param>
    public GraphOrigin Origin(string? writtenFor = null)
    {
        PrepareOrigin();
        return new(baseline!.GetAwaiter().GetResult(), writtenFor);
    }

    /// <summary>The model with another graph: its signatures, as far as the graph still has their tensors.</summary>
    public ModelContent ContentWith(Graph graph)
    {
        ModelSignature[] kept = [.. Content.Signatures.Where(signature => signature.Inputs.Concat(signature.Outputs).All(tensor => graph.TryFind(new NodeInput(tensor.Tensor).Node, out _)))];
        return Content with { Graph = graph, OwnNames = null, Signatures = [.. kept], ChosenSignature = kept.Any(signature => signature.Name == Content.ChosenSignature) ? Content.ChosenSignature : null };
    }

    /// <summary>Closes the files; large tensors of the graph must not be used any more.</summary>
    public void Dispose()
    {
        ((IAsyncResult?)baseline)?.AsyncWaitHandle.WaitOne();
        foreach (IDisposable source in sources)
            source.Dispose();
    }
}
