using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>A tensor of the graph as the ONNX graph has it, in one layout or both.</summary>
internal sealed class WrittenValue
{
    private Operand? original;
    private Operand? channelsFirst;

    public WrittenValue(Operand operand, Layout native = Layout.Original)
    {
        Native = native;
        this[native] = operand;
    }

    /// <summary>The layout in which it is computed.</summary>
    public Layout Native { get; }

    /// <summary>True for sums of quantized products that the ONNX graph has as floats.</summary>
    public bool IsAccumulator { get; init; }

    /// <summary>True when accumulated sums are whole numbers that have a scale of their own behind them.</summary>
    public bool HasUnits { get; init; }

    /// <summary>The ONNX graph that computes it.</summary>
    public Model.OnnxGraph? Owner { get; set; }

    /// <summary>True for a loop's variable that counts its iterations from 0.</summary>
    public bool IsCounter { get; init; }

    /// <summary>For a list of tensors that a loop makes: what it becomes.</summary>
    public WrittenList? List { get; init; }

    public Operand? this[Layout layout]
    {
        get => layout == Layout.Original ? original : channelsFirst;
        set
        {
            if (layout == Layout.Original)
                original = value;
            else
                channelsFirst = value;
        }
    }

    /// <summary>The operand in its own layout.</summary>
    public Operand Operand => this[Native]!;

    /// <summary>What is known of it in the layout of the graph.</summary>
    public ValueInfo Info => original is { } known ? known.Info : new(channelsFirst!.Info.Type, Last(channelsFirst.Info.Shape));

    private static TensorShape Last(TensorShape shape) => shape.Rank == 4 ? TensorShape.Of(shape[0], shape[2], shape[3], shape[1]) : shape;
}

/// <summary>A list of tensors: one that exists as a stacked tensor, or one that a loop adds to, an element an iteration.</summary>
internal sealed record WrittenList(Operand? Stacked)
{
    /// <summary>The elements joined along their first dimension, when that is what is asked of the list.</summary>
    public Operand? Joined { get; init; }

    /// <summary>Number of elements that it is made for.</summary>
    public Operand? Length { get; init; }

    /// <summary>The element that a loop's body adds in each iteration.</summary>
    public Operand? Added { get; init; }
}
