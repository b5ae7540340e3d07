using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Every transform of the first-party plugins on damaged graphs, three at a time, in both modes.</summary>
internal sealed class TransformTarget : GraphTarget
{
    private static readonly string[] WithArguments =
    [
        "quantize(weights_only=true)", "quantize_nodes(fallback_min=-5, fallback_max=5)", "quantize_nodes(input_min=-1, input_max=1)", "quantize_weights(minimum_size=0)", "round_weights(num_steps=16)",
        "remove_attribute(attribute_name=T)", "remove_nodes(op=Identity, op=Add, max_inputs=2)", "rename_node(old_node_name=x, new_node_name=\"a/b\")", "rename_op(old_op_name=Relu, new_op_name=Neg)",
        "set_input(name=x, shape=\"2,?\")", "insert_before(name=x, scale=0.5, mean=1, cast=uint8)", "insert_before(name=x, transpose=1, transpose=0)", "insert_after(name=y, op=softmax)", "insert_after(name=y, op=topk, k=3)",
        "freeze_input(name=x, value=1)", "downgrade(target=tf1.4, check=false)", "downgrade(target=tf1.15)", "inline_functions(max_nodes=100)", "fold_constants(ignore_errors=true)", "insert_logging(op=Relu)",
    ];

    private readonly PluginCatalog catalog = PluginCatalog.Discover([]);
    private readonly string[] calls;

    public TransformTarget() => calls = [.. catalog.Names.Order(StringComparer.Ordinal), .. WithArguments];

    public override string Name => "transform";

    /// <summary>Functions are inlined up to a million nodes.</summary>
    public override long MemoryFloor => 1024L << 20;

    protected override void Use(Graph graph, CancellationToken cancellation)
    {
        var random = new Random(graph.Nodes.Length + graph.Nodes.Sum(node => node.Name.Length));
        string text = string.Join(' ', Enumerable.Range(0, 3).Select(_ => calls[random.Next(calls.Length)]));
        var endpoints = new ModelEndpoints(graph, signature: null);
        ImmutableArray<string> outputs = [.. endpoints.Outputs.Select(output => output.Tensor)];
        var options = new PipelineOptions
        {
            InputNames = [.. endpoints.Inputs.Select(input => input.Tensor)],
            OutputNames = outputs,
            Mode = random.Next(4) == 0 ? TransformMode.Verbatim : TransformMode.Safe,
            Explain = ["*"],
        };
        PipelineResult result;
        try
        {
            result = new PipelineRunner(catalog).Run(graph, ScriptParser.Parse(text).Script!, options, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        if (result.Failure is { IsPluginFault: true } fault)
            throw new InvalidOperationException($"{text} ({options.Mode}): {fault.Diagnostic.Message}", fault.Cause);
    }
}
