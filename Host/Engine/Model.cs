using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Engine;

/// <summary>A graph with what its file states of it. Large tensors of a loaded model are views of its files until it is disposed, also those of models made from it by <see cref="WithGraph(Graph)"/>.</summary>
public sealed class Model : IDisposable
{
    private readonly LoadedModel? files;
    private readonly ModelEndpoints endpoints;
    private readonly GraphOrigin? origin;

    /// <summary>A model of a program's own graph.</summary>
    public Model(Graph graph)
        : this(new ModelContent(graph), files: null)
    {
    }

    internal Model(LoadedModel loaded)
        : this(loaded.Content, loaded)
    {
    }

    private Model(ModelContent content, LoadedModel? files, GraphOrigin? origin = null)
    {
        Content = content;
        this.files = files;
        this.origin = origin;
        endpoints = new(content.Graph, content.Signature, content.OwnNames);
    }

    /// <summary>The graph.</summary>
    public Graph Graph => Content.Graph;

    /// <summary>The graph, its signatures, tags and producer.</summary>
    public ModelContent Content { get; }

    /// <summary>Short name of the format that it was loaded from; empty for a program's own graph.</summary>
    public string Format => files?.Format ?? "";

    /// <summary>Inputs by public name: those of the signature, else the placeholders.</summary>
    public ImmutableArray<ModelEndpoint> Inputs => endpoints.Inputs;

    /// <summary>Outputs by public name: those of the signature, else the nodes without a consumer.</summary>
    public ImmutableArray<ModelEndpoint> Outputs => endpoints.Outputs;

    /// <summary>The input of a public or tensor name, or null.</summary>
    public ModelEndpoint? FindInput(string name) => endpoints.FindInput(name);

    /// <summary>The output of a public or tensor name, or null.</summary>
    public ModelEndpoint? FindOutput(string name) => endpoints.FindOutput(name);

    /// <summary>The same model with another graph. It shares the files; disposing this model ends both.</summary>
    public Model WithGraph(Graph graph) => WithGraph(graph, writtenFor: null);

    /// <summary>The same model with a graph that was written for a release of TensorFlow such as <c>tf2.7</c>; null for the release that wrote this one. It shares the files.</summary>
    public Model WithGraph(Graph graph, string? writtenFor) => new(Content with { Graph = graph }, files: null, Origin with { WrittenFor = writtenFor ?? Origin.WrittenFor });

    /// <summary>What the graph was made from.</summary>
    internal GraphOrigin Origin => origin ?? new(ReleaseBaseline.Of(Graph));

    /// <summary>The same model under a signature, which gives its inputs and outputs public names. It shares the files; disposing this model ends both.</summary>
    public Model WithSignature(ModelSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return new(Content with { Signatures = [signature], ChosenSignature = signature.Name, OwnNames = null }, files: null, origin);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => files?.Dispose();
}
