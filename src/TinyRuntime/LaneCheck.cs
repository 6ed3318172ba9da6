using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// What <see cref="PackCheck"/> asks of layers in lane form: a session allocates by their parameters before it runs
    /// them, so sizes must be sound and agree with the constants that are there.
    /// </summary>
    internal static class LaneCheck
    {
        private const int Limit = 0x1000000;

        /// <summary>Checks the layer record at byte at; layers is how many there are.</summary>
        internal static void Run(IPackSource source, int at, int layer, int layers)
        {
            int kind = Model.ReadWord(source, at);
            bool isProduct = kind == PackFormat.KindBatchMatMulLanes, isTaps = kind == PackFormat.KindDepthwiseTapsLanes;
            bool isConvolution = LaneSize.IsConvolution(kind), isDepthwise = isTaps || kind == PackFormat.KindDepthwiseConv2DLanes;
            int expected = isProduct ? BatchMatMulLanes.ParameterCount
                : isConvolution ? Conv2DLanes.ParameterCount
                : isTaps ? DepthwiseTapsLanes.ParameterCount
                : isDepthwise ? DepthwiseConv2DLanes.ParameterCount : FullyConnectedLanes.ParameterCount;
            if (Model.ReadWord(source, at + 4 * PackFormat.LayerParameterWords) != expected)
                throw new PackException("The lane layer " + layer + " needs " + expected + " parameters.");
            Within(Model.ReadWord(source, at + 4 * PackFormat.LayerSlot), 0, isProduct ? 0 : layers, "slot", layer);
            int p = at + 4 * PackFormat.LayerHeaderWords;
            int channels, taps;
            if (isConvolution || isDepthwise)
            {
                channels = Within(source, p, Conv2D.OutChannels, 1, layer);
                int inputs = Within(source, p, Conv2D.InChannels, 1, layer);
                taps = Product(Within(source, p, Conv2D.KernelHeight, 1, layer), Within(source, p, Conv2D.KernelWidth, 1, layer), layer);
                Within(source, p, Conv2D.InHeight, 1, layer);
                Within(source, p, Conv2D.InWidth, 1, layer);
                Within(source, p, Conv2D.OutHeight, 1, layer);
                int width = Within(source, p, Conv2D.OutWidth, 1, layer);
                Within(source, p, Conv2D.StrideHeight, 1, layer);
                int stride = Within(source, p, Conv2D.StrideWidth, 1, layer);
                int down = Within(source, p, Conv2D.DilationHeight, 1, layer), across = Within(source, p, Conv2D.DilationWidth, 1, layer);
                Within(source, p, Conv2D.GroupOutChannels, 1, layer);
                if (isConvolution)
                {
                    taps = Product(taps, inputs, layer);
                    Within(source, p, Conv2DLanes.SegmentChunks, 1, layer);
                    Within(source, p, Conv2DLanes.TileRows, 1, layer);
                    int pool = Within(Model.ReadWord(source, p + 4 * Conv2DLanes.Pool), 1, 4, "pool", layer);
                    if (pool == 3 || (pool > 1 && (width != 1 || Model.ReadWord(source, p + 4 * Conv2D.OutHeight) % pool != 0 || Model.ReadWord(source, p + 4 * Conv2DLanes.TileRows) % pool != 0)))
                        throw new PackException("The lane layer " + layer + " pools by " + pool + ", which does not fit its rows.");
                    int page = Model.ReadWord(source, p + 4 * Conv2DLanes.PageChannels);
                    bool isResident = Model.ReadWord(source, at + 4 * PackFormat.LayerSlot) > 0;
                    Within(page, isResident ? channels : 1, channels, "page", layer);
                    Product(Within(source, p, Conv2DLanes.BandRow, 0, layer), Within(source, p, Conv2DLanes.BandRows, 0, layer), layer);
                }
                else
                {
                    int rows = Product(Model.ReadWord(source, p + 4 * Conv2D.KernelHeight), down, layer);
                    int columns = Product(Model.ReadWord(source, p + 4 * Conv2D.KernelWidth), across, layer);
                    Product(Within(Product(width, stride, layer) + columns, 1, Limit, "width", layer), rows, layer);
                }
            }
            else
            {
                channels = Within(source, p, FullyConnected.OutSize, 1, layer);
                taps = Within(source, p, FullyConnected.InSize, 1, layer);
                Within(source, p, FullyConnectedLanes.SegmentChunks, 1, layer);
            }
            if (isProduct)
            {
                // Its lanes are packed from an activation; it has no constants.
                for (int d = 0; d < BatchMatMul.BatchDimensions; d++)
                    Within(source, p, BatchMatMulLanes.BatchSizes + d, 1, layer);
                return;
            }
            int block = Model.ReadWord(source, at + 4 * PackFormat.LayerBlockBytes);
            Within(block, LayerLanes.BlockHeader + taps, Limit, "block size", layer);
            if (Product(block, channels, layer) != Model.ReadWord(source, at + 4 * PackFormat.LayerWeightsBytes))
                throw new PackException("The lane layer " + layer + " has " + channels + " channels; its constants are not as many blocks of " + block + ".");
        }

        private static int Within(IPackSource source, int p, int parameter, int least, int layer)
        {
            return Within(Model.ReadWord(source, p + 4 * parameter), least, Limit, "parameter " + parameter, layer);
        }

        private static int Within(int value, int least, int most, string name, int layer)
        {
            if (value < least || value > most)
                throw new PackException("The " + name + " of lane layer " + layer + " is " + value + ", outside " + least + ".." + most + ".");
            return value;
        }

        private static int Product(int a, int b, int layer)
        {
            long product = (long)a * b;
            if (product > Limit)
                throw new PackException("The parameters of lane layer " + layer + " ask for " + product + " elements; " + Limit + " are the limit.");
            return (int)product;
        }
    }
}
