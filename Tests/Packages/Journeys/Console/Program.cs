using TransformFramework.Engine;
using TransformFramework.Graphs;

var engine = new TransformEngine();
using Model model = engine.Load("digits/digits_cnn.pb");
Model quantized = engine.CreatePipeline().AddScript(File.ReadAllText("digits/int8.gtt")).Build().Run(model).EnsureSuccess();
engine.Save(quantized, "digits_int8.pb");
Session session = engine.CreateSession(quantized);
Tensor image = Tensor.Allocate(DataType.Float, TensorShape.Of(1, 32, 32, 1), out Span<float> pixels);
pixels.Fill(0.5f);
Console.WriteLine($"{quantized.Graph.Nodes.Length} nodes, {session.Run(new Dictionary<string, Tensor> { [session.Inputs[0].Name] = image })[0].ElementCount} scores");
