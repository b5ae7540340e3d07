using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Export;

/// <summary>A tensor of the graph as the ONNX graph has it: by name in one layout or both, or as a constant.</summary>
internal sealed class ExportedValue
{
    private readonly Dictionary<Layout, string> names = [];

    /// <summary>The contents, when they are constant.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>Number of dimensions, or -1 when it is not known.</summary>
    public int Rank { get; init; } = -1;

    /// <summary>The layout in which it is computed.</summary>
    public Layout Native { get; init; }

    /// <summary>True when the graph has 32-bit codes of sums there and the ONNX graph the numbers that they stand for.</summary>
    public bool StandsForNumbers { get; init; }

    public string? this[Layout layout]
    {
        get => names.GetValueOrDefault(layout);
        set => names[layout] = value!;
    }
}
