using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Models;

/// <summary>A model as a graph of layer calls.</summary>
[KerasLayer("Functional", "Model", "Network")]
internal sealed class FunctionalModel : ModelLayer
{
    private readonly Dictionary<string, Layer> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<JsonElement>> calls = new(StringComparer.Ordinal);
    private readonly ImmutableArray<NodeReference> inputs;
    private readonly ImmutableArray<NodeReference> outputs;

    public FunctionalModel(LayerSource source)
        : base(source)
    {
        if (!Configuration.Has("layers"))
            throw KerasException.Configuration($"{Configuration.Owner}: layers is missing; only Functional and Sequential models have a configuration that says what they compute");
        foreach (JsonElement serialized in Configuration.List("layers"))
            Declare(serialized);
        inputs = ReferencesOf("input_layers");
        outputs = [.. ReferencesOf("output_layers").Select(reference => Shift(reference, isOutput: true))];
        if (outputs.IsEmpty)
            throw KerasException.Configuration($"{Configuration.Owner}: output_layers is empty");
        foreach (NodeReference reference in inputs.Concat(outputs))
        {
            if (!byName.ContainsKey(reference.Layer))
                throw KerasException.Configuration($"{Configuration.Owner}: input_layers or output_layers names the layer '{reference.Layer}', which is not there");
        }
        Inputs = [.. inputs.Select(reference => InputAt(reference.Layer))];
        OutputNames = [.. outputs.Select(reference => reference.Layer)];
    }

    public override ImmutableArray<ModelInput> Inputs { get; }

    public override ImmutableArray<string> OutputNames { get; }

    public override string PythonClass => "Functional";

    protected override bool PassesMask => false;

    /// <inheritdoc/>
    public override int FirstCall(bool isOutput) => Model.Generation < 3 || isOutput ? 1 : 0;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        if (call.Inputs.Length != inputs.Length)
            throw KerasException.Configuration($"it is called with {call.Inputs.Length} inputs, it has {inputs.Length}");
        var values = new Dictionary<(string Layer, int Node), ImmutableArray<Symbol>>();
        for (int i = 0; i < inputs.Length; i++)
            values[(inputs[i].Layer, inputs[i].Node)] = [call.Inputs[i]];
        foreach (var (layer, node) in Order(values.Keys))
        {
            Model.Cancellation.ThrowIfCancellationRequested();
            CallArguments arguments = InboundNodes.Arguments(calls[layer][node], byName.ContainsKey, reference => Value(values, Shift(reference, isOutput: false)));
            values[(layer, node)] = byName[layer].Call(call.Graph, arguments);
        }
        return [.. outputs.Select(reference => Value(values, reference))];
    }

    private void Declare(JsonElement serialized)
    {
        Layer layer = Model.Deserialize(serialized, $"a layer of {Configuration.Owner}");
        ConfigurationObject wrapper = new(serialized, layer.Configuration.Owner);
        string name = wrapper.Text("name", layer.Name);
        if (!byName.TryAdd(name, layer))
            throw KerasException.Configuration($"{Configuration.Owner}: two layers are named '{name}'");
        calls[name] = wrapper.Has("inbound_nodes") ? [.. wrapper.List("inbound_nodes")] : [];
        Child("layers", layer);
    }

    private ImmutableArray<NodeReference> ReferencesOf(string key) => [.. Flatten(Configuration.Get(key), 0)];

    /// <summary>References, alone, in nested lists, or in a dictionary, which goes by its sorted keys.</summary>
    private IEnumerable<NodeReference> Flatten(JsonElement value, int depth)
    {
        if (depth > 16)
            throw Configuration.Wrong("output_layers", "a structure of references");
        if (InboundNodes.IsReferenceLike(value))
            return [InboundNodes.ReferenceOf(value)];
        return value.ValueKind switch
        {
            JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Flatten(item, depth + 1)),
            JsonValueKind.Object when value.TryGetProperty("class_name", out JsonElement name) && name.ValueKind == JsonValueKind.String && name.GetString() == "__keras_tensor__" => InboundNodes.References(JsonText.Parse($$"""{"args": [{{value.GetRawText()}}]}""", "output_layers"), _ => false),
            JsonValueKind.Object => value.EnumerateObject().OrderBy(entry => entry.Name, StringComparer.Ordinal).SelectMany(entry => Flatten(entry.Value, depth + 1)),
            JsonValueKind.Null => [],
            _ => throw KerasException.Configuration($"{Configuration.Owner}: '{value.GetRawText()}' does not name an output of a layer"),
        };
    }

    private ModelInput InputAt(string name)
    {
        ConfigurationObject configuration = byName[name].Configuration;
        string key = configuration.Has("batch_shape") ? "batch_shape" : "batch_input_shape";
        if (byName[name] is not InputLayer && !configuration.Has(key))
            throw KerasException.Configuration($"{Configuration.Owner}: its input '{name}' is not an InputLayer");
        return InputOf(name, configuration, key);
    }

    /// <summary>The calls that the outputs need, each after those that it takes from.</summary>
    private List<(string Layer, int Node)> Order(IEnumerable<(string, int)> given)
    {
        var done = new HashSet<(string, int)>(given);
        var open = new HashSet<(string, int)>();
        var order = new List<(string Layer, int Node)>();
        var stack = new Stack<((string Layer, int Node) Call, bool IsReady)>(outputs.Reverse().Select(reference => ((reference.Layer, reference.Node), false)));
        while (stack.TryPop(out var next))
        {
            if (done.Contains(next.Call))
                continue;
            if (next.IsReady)
            {
                open.Remove(next.Call);
                done.Add(next.Call);
                order.Add(next.Call);
                continue;
            }
            if (!open.Add(next.Call))
                throw KerasException.Configuration($"layer '{next.Call.Layer}' takes its input from itself: a cycle");
            stack.Push((next.Call, true));
            foreach (NodeReference reference in References(next.Call).Reverse())
            {
                (string, int) source = (reference.Layer, reference.Node);
                if (open.Contains(source))
                    throw KerasException.Configuration($"layers '{next.Call.Layer}' and '{reference.Layer}' take their inputs from each other: a cycle");
                if (!done.Contains(source))
                    stack.Push((source, false));
            }
        }
        return order;
    }

    private IEnumerable<NodeReference> References((string Layer, int Node) call)
    {
        if (!calls.TryGetValue(call.Layer, out var nodes))
            throw KerasException.Configuration($"an input comes from a layer '{call.Layer}', which is not there");
        if (nodes.IsEmpty)
            throw KerasException.Configuration($"{byName[call.Layer].Configuration.Owner} has no inbound_nodes: nothing says what it is called with");
        if (call.Node >= nodes.Length)
            throw KerasException.Configuration($"call {call.Node} of layer '{call.Layer}' is taken, which is called {nodes.Length} times");
        NodeReference[] references = [.. InboundNodes.References(nodes[call.Node], byName.ContainsKey).Select(reference => Shift(reference, isOutput: false))];
        foreach (NodeReference reference in references)
        {
            if (!byName.ContainsKey(reference.Layer))
                throw KerasException.Configuration($"{byName[call.Layer].Configuration.Owner} takes its input from a layer '{reference.Layer}', which is not there");
        }
        return references;
    }

    /// <summary>The reference with calls counted from 0.</summary>
    private NodeReference Shift(NodeReference reference, bool isOutput) =>
        byName.GetValueOrDefault(reference.Layer) is ModelLayer model ? reference with { Node = Math.Max(0, reference.Node - model.FirstCall(isOutput)) } : reference;

    private static Symbol Value(Dictionary<(string Layer, int Node), ImmutableArray<Symbol>> values, NodeReference reference)
    {
        if (!values.TryGetValue((reference.Layer, reference.Node), out var tensors))
            throw KerasException.Configuration($"call {reference.Node} of layer '{reference.Layer}' is not there");
        return reference.Tensor < tensors.Length ? tensors[reference.Tensor] : throw KerasException.Configuration($"output {reference.Tensor} of layer '{reference.Layer}' is taken, which has {tensors.Length}");
    }
}
