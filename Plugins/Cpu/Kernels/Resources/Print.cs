using System.Text;
using TransformFramework.Cpu.Kernels.Text;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Resources;

/// <summary>Hands its first input on and prints <c>message[values][values]…</c>, at most <c>first_n</c> times a run.</summary>
[Kernel("Print")]
internal sealed class Print : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        if (IsDue(call))
        {
            int most = call.Node.Int("summarize");
            var line = new StringBuilder(call.Node.Text("message"));
            foreach (Tensor data in call.Inputs.Skip(1))
                line.Append('[').Append(TensorSummary.Of(data, most)).Append(']');
            call.State.Print(line.ToString());
        }
        return [call.Inputs[0]];
    }

    private static bool IsDue(KernelCall call)
    {
        int most = call.Node.Int("first_n");
        return most < 0 || call.State.GetOrAdd("printed by " + call.Node.Name, () => new Counter()).Value++ < most;
    }

    private sealed class Counter
    {
        public int Value { get; set; }
    }
}

/// <summary>Prints a string.</summary>
[Kernel("PrintV2")]
internal sealed class PrintString : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        if (call.Inputs[0].Shape.Rank != 0)
            throw Refuse.Invalid($"Input is expected to be scalar, but got {call.Inputs[0].Shape}");
        string end = call.Node.Attributes.ContainsKey("end") ? call.Node.Text("end") : "\n";
        string text = Encoding.UTF8.GetString(call.Inputs[0].Strings[0].Span) + end;
        call.State.Print(text.EndsWith('\n') ? text[..^1] : text);
        return [];
    }
}

/// <summary>Ends the run when its condition is false.</summary>
[Kernel("Assert")]
internal sealed class Assert : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor condition = call.Inputs[0];
        if (condition.Shape.Rank != 0)
            throw Refuse.Invalid($"In[0] should be a scalar: {condition.Shape}");
        if (condition.AsSpan<bool>()[0])
            return [];
        int most = call.Node.Int("summarize");
        throw Refuse.Invalid("assertion failed: " + string.Join(' ', call.Inputs.Skip(1).Select(data => $"[{TensorSummary.Of(data, most)}]")));
    }
}

/// <summary>Hands its input on unless that holds NaN or an infinity.</summary>
[Kernel("CheckNumerics")]
internal sealed class CheckNumerics : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        bool hasNaN = false;
        bool hasInfinity = false;
        foreach (double value in Floats.ToDoubles(call.Inputs[0]))
        {
            hasNaN |= double.IsNaN(value);
            hasInfinity |= double.IsInfinity(value);
        }
        if (!hasNaN && !hasInfinity)
            return [call.Inputs[0]];
        string found = hasNaN && hasInfinity ? "Inf and NaN" : hasNaN ? "NaN" : "Inf";
        throw Refuse.Invalid($"{call.Node.Text("message")} : Tensor had {found} values");
    }
}
