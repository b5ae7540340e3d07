namespace TransformFramework.Onnx.Export;

/// <summary>Order of the dimensions of an activation.</summary>
internal enum Layout
{
    /// <summary>As the graph has it: channels last.</summary>
    Original,

    /// <summary>Channels second, of rank 4: [batch, channels, height, width].</summary>
    ChannelsFirst,
}
