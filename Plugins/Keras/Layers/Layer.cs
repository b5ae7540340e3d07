using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>A weight of a layer.</summary>
/// <param name="name">Its name, such as <c>kernel</c>.</param>
/// <param name="trainable">False for statistics, which Keras lists after the trainable ones.</param>
internal sealed class Variable(string name, bool trainable)
{
    public string Name { get; } = name;

    public bool IsTrainable { get; } = trainable;

    /// <summary>The value from the file; null until it is read.</summary>
    public Tensor? Value { get; set; }

    /// <summary>The constant in the graph, once a call has read it.</summary>
    public Symbol? Symbol { get; set; }
}

/// <summary>A layer inside a layer.</summary>
/// <param name="Attribute">The Python attribute that holds it, which names its group in a <c>.keras</c> file.</param>
/// <param name="Layer">The layer.</param>
internal sealed record LayerChild(string Attribute, Layer Layer);

/// <summary>What a layer is made from.</summary>
/// <param name="ClassName">Its Python class.</param>
/// <param name="Configuration">Its <c>config</c>.</param>
/// <param name="Model">The model around it.</param>
internal sealed record LayerSource(string ClassName, ConfigurationObject Configuration, ModelContext Model);

/// <summary>A layer of a model: it names its weights and writes the nodes of each call.</summary>
internal abstract class Layer
{
    private readonly List<Variable> variables = [];
    private readonly List<LayerChild> children = [];

    protected Layer(LayerSource source)
    {
        ClassName = source.ClassName;
        Configuration = source.Configuration;
        Model = source.Model;
        Name = Configuration.Text("name", ClassName);
        IsTrainable = Configuration.Flag("trainable", true);
        Policy = TypePolicy.Of(Configuration);
    }

    public string ClassName { get; }

    public string Name { get; }

    /// <summary>False for a frozen layer, whose weights come after those of the others.</summary>
    public bool IsTrainable { get; }

    public ConfigurationObject Configuration { get; }

    /// <summary>Weights of the layer itself, trainable ones first.</summary>
    public IReadOnlyList<Variable> Variables => variables;

    /// <summary>Layers inside, in the order in which Keras tracks them.</summary>
    public IReadOnlyList<LayerChild> Children => children;

    /// <summary>Class name that makes the name of the layer's group in a <c>.keras</c> file.</summary>
    public virtual string PythonClass => ClassName;

    /// <summary>True when the mask of the first input goes on with the output.</summary>
    protected virtual bool PassesMask => true;

    /// <summary>True when inputs of floating types are converted to the type that the layer computes in.</summary>
    protected virtual bool ConvertsInputs => true;

    public ModelContext Model { get; }

    protected TypePolicy Policy { get; }

    /// <summary>Writes the nodes of a call in a scope of the layer's name.</summary>
    public ImmutableArray<Symbol> Call(GraphBuilder graph, CallArguments arguments)
    {
        using (graph.Open(NodeName.Of(Name)))
        {
            arguments = arguments.WithFirst();
            var call = new LayerCall(graph, this, Model.ConvertsInputs && ConvertsInputs ? arguments.Select(symbol => Convert(graph, symbol)) : arguments);
            try
            {
                ImmutableArray<Symbol> results = Compute(call);
                Symbol? mask = PassesMask && !call.Inputs.IsEmpty ? call.Inputs[0].Mask : null;
                return mask is null || results.Any(result => result.Mask is not null) ? results : [results[0] with { Mask = mask }, .. results[1..]];
            }
            catch (KerasException error) when (!error.Message.StartsWith("layer ", StringComparison.Ordinal))
            {
                throw new KerasException(error.Kind, $"{Configuration.Owner}: {error.Message}", error.Suggestion);
            }
            catch (Exception error) when (Faults.Is(error))
            {
                throw KerasException.Configuration($"{Configuration.Owner}: it cannot be called on {string.Join(", ", call.Inputs.Select(input => input.Shape))} as the configuration has it: {error.Message}");
            }
        }
    }

    /// <summary>Calls the layer on tensors.</summary>
    public ImmutableArray<Symbol> Call(GraphBuilder graph, params ImmutableArray<Symbol> inputs) => Call(graph, CallArguments.Of(inputs));

    /// <summary>The nodes of a call; a result with a mask sets it, else that of the first input goes on where the layer passes masks.</summary>
    protected abstract ImmutableArray<Symbol> Compute(LayerCall call);

    /// <summary>Declares a weight; the order of declarations is the file's.</summary>
    protected Variable Weight(string name, bool trainable = true)
    {
        var variable = new Variable(name, trainable);
        variables.Add(variable);
        return variable;
    }

    /// <summary>Declares a weight that only some configurations have.</summary>
    protected Variable? WeightIf(bool condition, string name, bool trainable = true) => condition ? Weight(name, trainable) : null;

    /// <summary>Declares a layer inside.</summary>
    protected T Child<T>(string attribute, T layer)
        where T : Layer
    {
        children.Add(new(attribute, layer));
        return layer;
    }

    /// <summary>A layer inside from its configuration.</summary>
    protected Layer Child(string attribute, JsonElement serialized) => Child(attribute, Model.Deserialize(serialized, $"{attribute} of {Configuration.Owner}"));

    /// <summary>An option of this layer that has no graph.</summary>
    protected KerasException Unsupported(string what) => KerasException.Option($"{Configuration.Owner}: {what}");

    /// <summary>The value of an activation key.</summary>
    protected Activation ActivationOf(string key, string fallback = "linear") => Activation.Of(Configuration, key, fallback, Model);

    /// <summary>True when the data has its channels in the second axis.</summary>
    protected bool ChannelsFirst() => Configuration.Word("data_format", "channels_last", "channels_last", "channels_first") == "channels_first";

    private Symbol Convert(GraphBuilder graph, Symbol symbol)
    {
        bool isFloating = Policy.Compute is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;
        return isFloating && symbol.IsFloating ? graph.Cast(symbol, Policy.Compute) : symbol;
    }
}
