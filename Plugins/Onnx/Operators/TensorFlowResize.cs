using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Operators;

/// <summary>Weights of TensorFlow's resizing along one axis where its formulas are not those of ONNX: cubic ones come from a table of 1024 steps, areas begin at whole places.</summary>
/// <param name="Input">Size before.</param>
/// <param name="Output">Size after.</param>
/// <param name="AlignsCorners">True when the first and last places of both fall together.</param>
/// <param name="IsHalf">True when places are counted from their middles.</param>
internal sealed record TensorFlowResize(long Input, long Output, bool AlignsCorners, bool IsHalf)
{
    private const int Steps = 1024;

    /// <summary>The least sum of cubic weights that is divided by.</summary>
    private const float LeastSum = 1000f * 1.17549435e-38f;

    private float Scale => AlignsCorners && Output > 1 ? (Input - 1) / (float)(Output - 1) : Input / (float)Output;

    /// <summary>[output, input] weights of Keys' kernel: a = −0.75 with repeated borders, or with half pixels a = −0.5 with the taps outside left out.</summary>
    public Tensor Cubic()
    {
        float a = IsHalf ? -0.5f : -0.75f;
        return Matrix((row, i) =>
        {
            float place = IsHalf ? ((i + 0.5f) * Scale) - 0.5f : i * Scale;
            float floor = MathF.Floor(place);
            int offset = (int)MathF.Round((place - floor) * Steps, MidpointRounding.ToEven);
            float[] weights = [Far(a, offset), Near(a, offset), Near(a, Steps - offset), Far(a, Steps - offset)];
            long first = (long)floor - 1;
            if (IsHalf)
                weights = [.. weights.Select((weight, tap) => first + tap >= 0 && first + tap < Input ? weight : 0)];
            float sum = IsHalf && MathF.Abs(weights.Sum()) >= LeastSum ? weights.Sum() : 1;
            for (int tap = 0; tap < weights.Length; tap++)
                row[(int)Math.Clamp(first + tap, 0, Input - 1)] += weights[tap] / sum;
        });
    }

    /// <summary>[output, input] weights of the mean over the part of the input that a place covers.</summary>
    public Tensor Area() => Matrix((row, i) =>
    {
        float start = i * Scale;
        float end = (i + 1) * Scale;
        for (long tap = (long)MathF.Floor(start); tap < (long)MathF.Ceiling(end); tap++)
        {
            float covered = tap < start ? (tap + 1 > end ? Scale : tap + 1 - start) : tap + 1 > end ? end - tap : 1;
            row[(int)Math.Clamp(tap, 0, Input - 1)] += covered / Scale;
        }
    });

    private Tensor Matrix(RowFiller fill)
    {
        float[] matrix = new float[checked(Output * Input)];
        for (int i = 0; i < Output; i++)
            fill(matrix.AsSpan(checked((int)(i * Input)), (int)Input), i);
        return Tensor.Create<float>(DataType.Float, TensorShape.Of(Output, Input), matrix);
    }

    private static float Near(float a, int offset)
    {
        float x = offset / (float)Steps;
        return ((((a + 2) * x) - (a + 3)) * x * x) + 1;
    }

    private static float Far(float a, int offset)
    {
        float x = (offset / (float)Steps) + 1;
        return (((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a);
    }

    private delegate void RowFiller(Span<float> row, int i);
}
