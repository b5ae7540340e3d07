using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>A tensor of a model that is being made. Shapes are kept for two sizes of every free dimension: where they differ, the dimension is free.</summary>
internal sealed class TensorDraft(string name, TensorType type)
{
    public string Name { get; set; } = name;

    public TensorType Type { get; set; } = type;

    /// <summary>Shape with free dimensions at 1, and at 2.</summary>
    public int[][] Shapes { get; set; } = [[], []];

    /// <summary>Shape with free dimensions at 1.</summary>
    public int[] Shape => Shapes[0];

    /// <summary>Elements that the file holds, of the file's type.</summary>
    public Tensor? Constant { get; set; }

    /// <summary>Integers computed from shapes, for each of the two sizes; null when they are not known.</summary>
    public Tensor?[] Known { get; set; } = [null, null];

    public TfLiteQuantization? Quantization { get; set; }

    public bool IsInput { get; set; }

    /// <summary>Number of elements of a list whose elements have no shape yet; null for other tensors.</summary>
    public TensorDraft? ElementCount { get; init; }

    public int Rank => Shape.Length;

    /// <summary>Shape with -1 for free dimensions; empty when none is free.</summary>
    public ImmutableArray<int> Signature => Shapes[0].SequenceEqual(Shapes[1]) ? [] : [.. Shapes[0].Zip(Shapes[1], (one, two) => one == two ? one : -1)];

    /// <summary>A constant of the file's type.</summary>
    public static TensorDraft Of(string name, Tensor constant, TfLiteQuantization? quantization = null)
    {
        TensorType type = TensorTypes.FromGraph(constant.Type) ?? throw TfLiteDiagnostics.Unwritable($"TensorFlow Lite has no constants of type {constant.Type.Name()}");
        int[] shape = [.. constant.Shape.Dimensions.Select(size => checked((int)size))];
        return new(name, type) { Constant = constant, Known = [constant, constant], Shapes = [shape, shape], Quantization = quantization };
    }
}

/// <summary>An operator of a model that is being made.</summary>
internal sealed class OperatorDraft(OperatorSchema schema, List<TensorDraft?> inputs, List<TensorDraft> outputs, OptionValues options)
{
    public OperatorSchema Schema { get; set; } = schema;

    public string Name => Schema.Name;

    /// <summary>Inputs; null where an optional one is absent.</summary>
    public List<TensorDraft?> Inputs { get; } = inputs;

    public List<TensorDraft> Outputs { get; } = outputs;

    public OptionValues Options { get; set; } = options;

    /// <summary>Code of a custom operator.</summary>
    public string CustomCode { get; init; } = "";

    /// <summary>Options of a custom operator.</summary>
    public ReadOnlyMemory<byte> CustomOptions { get; init; }

    /// <summary>Replaces an option.</summary>
    public void Set(string option, object value) => Options = Options.With(option, value);
}

/// <summary>A subgraph that is being made.</summary>
internal sealed class SubgraphDraft(string name)
{
    public string Name { get; } = name;

    public List<TensorDraft> Inputs { get; } = [];

    public OutputList Outputs { get; } = new();

    public OperatorList Operators { get; } = [];
}
