using TransformFramework.Engine.Models;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Damaged graphs, each given to the writer of a format.</summary>
internal sealed class ConvertTarget : GraphTarget
{
    private readonly PluginCatalog catalog = PluginCatalog.Discover([]);
    private readonly OutputFormat[] formats;

    public ConvertTarget() => formats = [.. OutputFormat.All(catalog).Select(format => OutputFormat.Choose("model", format.Name, () => catalog))];

    public override string Name => "convert";

    /// <summary>Functions are inlined up to a million nodes.</summary>
    public override long MemoryFloor => 1024L << 20;

    protected override void Use(Graph graph, CancellationToken cancellation)
    {
        if (!GraphFlaws.Find(graph).IsEmpty)
            return;
        var endpoints = new ModelEndpoints(graph, signature: null);
        var options = new ModelWriteOptions { Inputs = [.. endpoints.Inputs.Select(input => input.Tensor)], Outputs = [.. endpoints.Outputs.Select(output => output.Tensor)] };
        OutputFormat format = formats[graph.Nodes.Sum(node => node.Name.Length) % formats.Length];
        try
        {
            format.Create(catalog).Write(new ModelContent(graph), options, new Discarded(), cancellation);
        }
        catch (Exception refusal) when (refusal is ModelFormatException || (refusal is OperationCanceledException && cancellation.IsCancellationRequested))
        {
        }
    }

    private sealed class Discarded : ModelSink
    {
        public override string Name => "model";

        public override Stream Main { get; } = new MemoryStream();

        public override Stream Create(string name) => new MemoryStream();
    }
}
