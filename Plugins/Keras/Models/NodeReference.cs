namespace TransformFramework.Keras.Models;

/// <summary>An output of a call of a layer.</summary>
/// <param name="Layer">Name of the layer.</param>
/// <param name="Node">Number of the call.</param>
/// <param name="Tensor">Number of the output.</param>
internal readonly record struct NodeReference(string Layer, int Node, int Tensor);
