using System.Runtime.CompilerServices;
using TransformFramework.Graphs;
using TransformFramework.Runtime;

using CpuGraph graph = CpuGraph.Load(args[0]);
Tensor image = Tensor.Allocate(DataType.Float, TensorShape.Of(1, 32, 32, 1), out Span<float> pixels);
for (int i = 0; i < pixels.Length; i++)
    pixels[i] = i % 7 / 7f;
Tensor scores = graph.Run(new Dictionary<string, Tensor> { [graph.Inputs[0]] = image })[^1];
Console.WriteLine($"{(RuntimeFeature.IsDynamicCodeSupported ? "managed" : "native")}: {string.Join(' ', scores.AsSpan<float>().ToArray())}");
