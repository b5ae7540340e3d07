using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx.Writing;

/// <summary>Names of inputs and outputs: the signature's where it has them, else the tensors'.</summary>
internal sealed class PublicNames(ModelSignature? signature)
{
    public string OfInput(NodeInput tensor) => Find(signature?.Inputs ?? [], tensor)?.Name ?? Plain(tensor);

    public string OfOutput(NodeInput tensor) => Find(signature?.Outputs ?? [], tensor)?.Name ?? Plain(tensor);

    public TensorShape? ShapeOf(NodeInput input) => Find(signature?.Inputs ?? [], input)?.Shape;

    private static SignatureTensor? Find(IEnumerable<SignatureTensor> tensors, NodeInput tensor) => tensors.FirstOrDefault(each => new NodeInput(each.Tensor).Canonical == tensor.Canonical);

    private static string Plain(NodeInput tensor) => tensor.Port == 0 ? tensor.Node : tensor.Canonical;
}
