using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Conformance;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx;

/// <summary>Single operators where NumPy, the definition and ONNX Runtime part: what is read computes what ONNX Runtime does.</summary>
public sealed class RuntimeQuirksTests
{
    private static readonly Dictionary<string, object> None = [];

    /// <summary>Operator, opset, shape of its data, its other inputs, attributes.</summary>
    private static readonly (string Op, int Opset, long[] Shape, Tensor[] Others, Dictionary<string, object> Attributes)[] Nodes =
    [
        ("Slice", 13, [2, 3], [Longs(-2, -2), Longs(int.MaxValue, int.MaxValue), Longs(1, 0), Longs(-2, 1)], None),
        ("Slice", 13, [4, 3], [Longs(-1), Longs(long.MaxValue), Longs(0), Longs(-1)], None),
        ("Slice", 13, [5, 4], [Longs(-6), Longs(long.MinValue), Longs(1), Longs(-1)], None),
        ("ConvTranspose", 11, [1, 2, 4, 3], [Floats(2, 3, 2, 2)], new() { ["strides"] = new long[] { 3, 3 }, ["auto_pad"] = "SAME_UPPER" }),
        ("ConvTranspose", 11, [1, 2, 4, 3], [Floats(2, 3, 3, 3)], new() { ["strides"] = new long[] { 2, 1 }, ["auto_pad"] = "SAME_LOWER" }),
        ("ConvTranspose", 11, [1, 2, 3, 3], [Floats(2, 1, 3, 3)], new() { ["strides"] = new long[] { 3, 2 }, ["output_shape"] = new long[] { 11, 8 } }),
        ("Resize", 10, [1, 1, 4, 4], [Scales(1, 1, 0.5f, 0.6f)], new() { ["mode"] = "nearest" }),
        ("Resize", 17, [1, 2, 4], [Scales(), Scales(1, 1, 0.6f)], new() { ["mode"] = "nearest", ["coordinate_transformation_mode"] = "pytorch_half_pixel", ["nearest_mode"] = "floor" }),
        ("Resize", 10, [1, 1, 4, 3], [Scales(1, 1, 1.5f, 2)], new() { ["mode"] = "nearest" }),
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Nodes.Length)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void An_operator_computes_what_ONNX_Runtime_does(int number)
    {
        var (op, opset, shape, others, attributes) = Nodes[number];
        byte[] file = File(op, opset, shape, others, attributes);
        var feeds = new Dictionary<string, Tensor> { ["x"] = Floats(shape) };
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        System.IO.File.WriteAllBytes(path, file);
        try
        {
            ModelContent content = ConformanceCase.Read(path);
            SignatureTensor output = content.Signature!.Outputs.Single();
            Tensor found = new CpuBackend().Compile(content.Graph, [output.Tensor], CompileOptions.Default).Run(new Dictionary<string, Tensor> { [content.Signature.Inputs.Single().Tensor] = feeds["x"] })[0];
            Tensor wanted = OnnxRun.Run(file, feeds)["y"];
            Assert.Equal(wanted.Shape, found.Shape);
            Assert.All(wanted.AsSpan<float>().ToArray().Zip(found.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    private static byte[] File(string op, int opset, long[] shape, Tensor[] others, Dictionary<string, object> attributes)
    {
        var model = new OnnxModel { IrVersion = 7, Opsets = { [""] = opset } };
        model.Graph.Inputs.Add(new("x", new OnnxType(1, TensorShape.Of(shape))));
        model.Graph.Outputs.Add(new("y", new OnnxType(1, TensorShape.Unknown)));
        string[] names = [.. others.Select((_, i) => $"input_{i}")];
        model.Graph.Initializers.AddRange(names.Zip(others, (name, value) => new OnnxInitializer(name, value)));
        model.Graph.Nodes.Add(new(op, "", ["x", .. names], ["y"], attributes));
        using var stream = new MemoryStream();
        ModelEncoder.Write(new ModelEncoder().Encode(model), stream);
        return stream.ToArray();
    }

    private static Tensor Longs(params long[] values) => Tensor.Create<long>(DataType.Int64, TensorShape.Of(values.Length), values);

    private static Tensor Scales(params float[] values) => Tensor.Create<float>(DataType.Float, TensorShape.Of(values.Length), values);

    private static Tensor Floats(params long[] shape)
    {
        var random = new Random(7);
        return Tensor.Create<float>(DataType.Float, TensorShape.Of(shape), [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => random.NextSingle() - 0.5f)]);
    }
}
