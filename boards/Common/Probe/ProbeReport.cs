using System;

namespace TinyAI.Boards
{
    /// <summary>
    /// The probe's answer: one line of JSON with the board's operation costs, memory and firmware, which `modelpacker board
    /// add` makes a profile of. The costs are those of boards/costs (docs/cost-model.md), in units of one addition.
    /// </summary>
    public class ProbeReport
    {
        /// <summary>Version of the line.</summary>
        public const int Version = 1;

        private const int SmallestArray = 1024;
        private const int LargestArray = 8 * 1024 * 1024;

        private readonly IProbeBoard _board;
        private readonly TextLine _line;
        private readonly OperationProbe _probe;
        private long _add;
        private bool _first;

        /// <summary>A report of a board to a link.</summary>
        public ProbeReport(IProbeBoard board, IByteLink link)
        {
            _board = board;
            _line = new TextLine(link);
            _probe = new OperationProbe(board);
        }

        /// <summary>Measures and writes the line.</summary>
        public void Run()
        {
            long free = _board.FreeHeapBytes();
            int largest = LargestManagedArray();
            _probe.Measure();
            _add = _probe.Chained(OperationLoops.AddIntLoop);
            if (_add == 0)
                _add = 1;
            _line.Add("{\"tinyaiProbe\":").Add(Version);
            Text("board", _board.Name);
            Text("target", _board.Target);
            Text("firmware", _board.Firmware);
            _line.Add(",\"freeHeapBytes\":").Add(free).Add(",\"largestArrayBytes\":").Add(largest);
            _line.Add(",\"largestNativeBlockBytes\":").Add(_board.LargestNativeBlock());
            _line.Add(",\"nsPerAdd\":").AddFixed(_add, 3).Add(",\"costs\":{");
            _first = true;
            Cost("add.i4", _add);
            Cost("add.i8", _probe.Chained(OperationLoops.AddLongLoop));
            Cost("mul.i4", _probe.Chained(OperationLoops.MulIntLoop));
            Cost("mul.i8", _probe.Chained(OperationLoops.MulLongLoop));
            Cost("div.i4", _probe.Chained(OperationLoops.DivIntLoop));
            Cost("and.i4", _probe.Chained(OperationLoops.AndLoop));
            Cost("shift.i4", _probe.Chained(OperationLoops.ShiftLoop));
            Cost("ldloc", _probe.Local);
            Cost("stloc", _probe.Local);
            Cost("ldc", _probe.Constant);
            Cost("ldc.i8", _probe.ConstantLong);
            Cost("compare-branch", _probe.WithLocals(OperationLoops.CompareLoop, 2));
            Cost("conv.i1", _probe.WithLocals(OperationLoops.ToByteLoop, 2));
            Cost("conv.i4", _probe.WithLocals(OperationLoops.ToIntLoop, 2));
            Cost("conv.i8", _probe.WithLocals(OperationLoops.ToLongLoop, 2));
            Cost("ldelem.i1", _probe.WithLocals(OperationLoops.LoadByteLoop, 3));
            Cost("ldelem.i2", _probe.WithLocals(OperationLoops.LoadShortLoop, 3));
            Cost("ldelem.i4", _probe.WithLocals(OperationLoops.LoadIntLoop, 3));
            Cost("ldelem.i8", _probe.WithLocals(OperationLoops.LoadLongLoop, 3));
            Cost("stelem.i1", _probe.WithLocals(OperationLoops.StoreByteLoop, 3));
            Cost("stelem.i4", _probe.WithLocals(OperationLoops.StoreIntLoop, 3));
            long length = _probe.WithLocals(OperationLoops.LengthLoop, 2) - _probe.WithLocals(OperationLoops.ToIntLoop, 2);
            Cost("ldlen", length < 0 ? 0 : length);
            Cost("ldsfld", _probe.WithLocals(OperationLoops.LoadStaticLoop, 1));
            Cost("ldfld", _probe.WithLocals(OperationLoops.LoadFieldLoop, 2));
            Cost("stfld", _probe.WithLocals(OperationLoops.StoreFieldLoop, 2));
            Cost("call.static", _probe.WithLocals(OperationLoops.CallStaticLoop, 0));
            Cost("call.local", _probe.LocalPrepared);
            Cost("call.instance", _probe.WithLocals(OperationLoops.CallInstanceLoop, 1));
            Cost("call.virtual", _probe.WithLocals(OperationLoops.CallVirtualLoop, 1));
            Cost("call.interface", _probe.WithLocals(OperationLoops.CallInterfaceLoop, 1));
            Cost("call.delegate", _probe.WithLocals(OperationLoops.CallDelegateLoop, 1));
            Cost("newobj", _probe.WithLocals(OperationLoops.NewObjectLoop, 1));
            long array = _probe.WithLocals(OperationLoops.NewArrayLoop, 1) - _probe.Constant;
            Cost("newarr", array < 0 ? 0 : array);
            _line.Add("}}").End();
        }

        /// <summary>The longest byte array that can be made now, to a kilobyte, by trying.</summary>
        private static int LargestManagedArray()
        {
            int fits = 0, fails = LargestArray;
            while (fails - fits > SmallestArray)
            {
                int middle = fits + (fails - fits) / 2;
                if (Fits(middle))
                    fits = middle;
                else
                    fails = middle;
            }
            return fits;
        }

        private static bool Fits(int bytes)
        {
            try
            {
                byte[] array = new byte[bytes];
                return array.Length == bytes;
            }
            catch (OutOfMemoryException)
            {
                return false;
            }
        }

        private void Text(string name, string value)
        {
            _line.Add(",\"").Add(name).Add("\":\"");
            for (int i = 0; i < value.Length; i++)
            {
                if (value[i] == '"' || value[i] == '\\')
                    _line.Add('\\');
                _line.Add(value[i] < ' ' || value[i] > '~' ? '?' : value[i]);
            }
            _line.Add('"');
        }

        private void Cost(string name, long picoseconds)
        {
            if (!_first)
                _line.Add(',');
            _first = false;
            _line.Add('"').Add(name).Add("\":").AddFixed(picoseconds * 1000 / _add, 3);
        }
    }
}
